import { useSignal } from '@preact/signals'
import type { AccountView, ProviderView } from '../../core/ui/types.ts'
import { Empty, Loading, View } from '../components/bits.tsx'
import { Icon } from '../components/icon.tsx'
import { now } from '../state/clock.ts'
import { many } from '../state/format.ts'
import { overview } from '../state/live.ts'
import { AccountCard } from './accounts/card.tsx'
import { KeyDialog } from './accounts/key-dialog.tsx'
import { Providers } from './accounts/providers.tsx'
import { SignInDialog } from './accounts/sign-in-dialog.tsx'
import { SignOutDialog } from './accounts/sign-out-dialog.tsx'
import { healthOf } from './accounts/health.ts'

type Open =
  | { dialog: 'sign-in'; provider: ProviderView; account?: string }
  | { dialog: 'key'; provider: ProviderView }
  | { dialog: 'sign-out'; account: AccountView }

export function AccountsView() {
  const open = useSignal<Open | undefined>(undefined)
  const close = () => (open.value = undefined)
  const known = overview.value
  if (!known) {
    return (
      <View title="Accounts">
        <Loading />
      </View>
    )
  }
  const { accounts, providers } = known
  const ready = accounts.filter((account) => healthOf(account, now.value).tone === 'good').length
  const signInAgain = ({ provider: name, account }: AccountView) => {
    const provider = providers.find((one) => one.name === name)
    if (provider) open.value = { dialog: 'sign-in', provider, account }
  }
  return (
    <View
      title="Accounts"
      lead={
        accounts.length === 0
          ? 'The subscriptions and keys that byok answers with.'
          : `${many(accounts.length, 'account')}, ${ready === accounts.length ? 'all ready' : `${ready} ready`}.`
      }
    >
      {accounts.length === 0 ? (
        <Empty icon="key" title="No accounts yet">
          Sign in below with a subscription you have, or add a provider’s API key.
        </Empty>
      ) : (
        <ul class="cards" aria-label="Accounts">
          {accounts.map((account) => (
            <li key={`${account.provider}/${account.kind}/${account.account}`}>
              <AccountCard
                account={account}
                onSignIn={() => signInAgain(account)}
                onSignOut={() => (open.value = { dialog: 'sign-out', account })}
              />
            </li>
          ))}
        </ul>
      )}
      <section aria-labelledby="add">
        <h2 id="add">
          <Icon name="plus" />
          Add an account
        </h2>
        <Providers
          providers={providers}
          onSignIn={(provider) => (open.value = { dialog: 'sign-in', provider })}
          onKey={(provider) => (open.value = { dialog: 'key', provider })}
        />
      </section>
      <Opened open={open.value} onClose={close} />
    </View>
  )
}

function Opened({ open, onClose }: { open: Open | undefined; onClose: () => void }) {
  if (open?.dialog === 'sign-in') {
    return <SignInDialog provider={open.provider} account={open.account} onClose={onClose} />
  }
  if (open?.dialog === 'key') return <KeyDialog provider={open.provider} onClose={onClose} />
  if (open?.dialog === 'sign-out') return <SignOutDialog account={open.account} onClose={onClose} />
  return null
}
