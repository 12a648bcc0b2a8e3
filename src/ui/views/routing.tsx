import type { AccountInput, AccountView, RestView } from '../../core/ui/types.ts'
import { Badge, Empty, Failure, Loading, View } from '../components/bits.tsx'
import { Table } from '../components/table.tsx'
import type { Column } from '../components/table.tsx'
import { useTask } from '../components/use-task.ts'
import { ask } from '../state/api.ts'
import { now } from '../state/clock.ts'
import { moment, span } from '../state/format.ts'
import { overview } from '../state/live.ts'
import { tell } from '../state/notice.ts'
import { causeOf, healthOf } from './accounts/health.ts'

type Rest = RestView & { account: AccountView }

/** How byok chooses an account, and which rest. */
export function RoutingView() {
  const known = overview.value
  if (!known) {
    return (
      <View title="Routing">
        <Loading />
      </View>
    )
  }
  const { routing, accounts } = known
  const rests = accounts
    .flatMap((account) => account.rests.map((rest): Rest => ({ ...rest, account })))
    .sort((a, b) => b.until - a.until)
  return (
    <View
      title="Routing"
      lead="Which account answers. One that fails or has used up a limit rests for a while, and others answer for it."
    >
      <dl class="tiles">
        <div>
          <dt>Strategy</dt>
          <dd>{routing.strategy}</dd>
        </div>
        <div>
          <dt>Conversations</dt>
          <dd>{routing.sticky ? 'keep their account' : 'go to any account'}</dd>
        </div>
        <div>
          <dt>Tries for a request</dt>
          <dd>{routing.maxAttempts}</dd>
        </div>
      </dl>
      <section aria-labelledby="rests">
        <h2 id="rests">Cool-downs</h2>
        {rests.length === 0 ? (
          <Empty icon="check" title="No account rests." fine>
            All of them take requests.
          </Empty>
        ) : (
          <div class="card flush">
            <Table
              caption="Cool-downs"
              columns={restColumns}
              rows={rests}
              keyOf={({ account, model }) => `${account.provider}/${account.kind}/${account.account}/${model}`}
            />
          </div>
        )}
      </section>
      <section aria-labelledby="order">
        <h2 id="order">Accounts in order</h2>
        {accounts.length === 0 ? (
          <Empty icon="accounts" title="No accounts yet">
            Add one in <a href="#accounts">Accounts</a>.
          </Empty>
        ) : (
          <div class="card flush">
            <Table
              caption="Accounts in order"
              columns={accountColumns}
              rows={accounts.toSorted((a, b) => b.priority - a.priority)}
              keyOf={({ provider, kind, account }) => `${provider}/${kind}/${account}`}
            />
          </div>
        )}
      </section>
      <section aria-labelledby="aliases">
        <h2 id="aliases">Model names of your own</h2>
        {routing.aliases.length === 0 ? (
          <Empty icon="routing" title="None yet">
            Under <code>models</code> in <a href="#config">Config</a>, give a model a name of yours, or a list of models
            to try in turn.
          </Empty>
        ) : (
          <div class="card flush">
            <Table
              caption="Model names of your own"
              columns={aliasColumns}
              rows={routing.aliases}
              keyOf={({ name }) => name}
            />
          </div>
        )}
      </section>
    </View>
  )
}

const nameOf = ({ title, account }: AccountView) => (
  <>
    {title}
    <span class="under breaks">{account}</span>
  </>
)

/** Ends the rests of an account, whose limits may have been raised meanwhile. */
function Wake({ account: { provider, title, account, kind } }: { account: AccountView }) {
  const { busy, problem, run } = useTask(async () => {
    const body: AccountInput = { provider, account, kind }
    await ask('wake', { method: 'POST', body })
    tell(`${title}, ${account} takes requests again.`)
  })
  return (
    <>
      <button
        type="button"
        class="button"
        disabled={busy}
        onClick={() => void run()}
        aria-label={`Use again: ${title}, ${account}`}
      >
        Use again
      </button>
      {problem !== undefined && <Failure message={problem} />}
    </>
  )
}

const restColumns: Column<Rest>[] = [
  { title: 'Account', cell: ({ account }) => nameOf(account) },
  { title: 'Model', cell: ({ model }) => <span class="breaks">{model || 'all'}</span> },
  {
    title: 'State',
    cell: ({ until }) =>
      until > now.value ? <Badge tone="warn">Resting</Badge> : <Badge tone="plain">To be tried again</Badge>,
  },
  { title: 'Why', cell: (rest) => causeOf(rest) },
  { title: 'Times', figure: true, cell: ({ failures }) => failures },
  {
    title: 'Until',
    figure: true,
    cell: ({ until }) => (
      <>
        {moment(until, now.value)}
        {until > now.value && <span class="under">in {span(until - now.value)}</span>}
      </>
    ),
  },
  { title: 'Action', cell: ({ account }) => <Wake account={account} /> },
]

const accountColumns: Column<AccountView>[] = [
  { title: 'Account', cell: nameOf },
  {
    title: 'State',
    cell: (account) => {
      const { tone, word } = healthOf(account, now.value)
      return <Badge tone={tone}>{word}</Badge>
    },
  },
  { title: 'Priority', figure: true, cell: ({ priority }) => priority },
  { title: 'Weight', figure: true, cell: ({ weight }) => weight },
  { title: 'Under way', figure: true, cell: ({ inFlight }) => inFlight },
]

const aliasColumns: Column<{ name: string; targets: string[] }>[] = [
  { title: 'Name', cell: ({ name }) => <code class="breaks">{name}</code> },
  {
    title: 'Answered by',
    cell: ({ targets }) => <span class="breaks">{targets.join(', then ')}</span>,
  },
]
