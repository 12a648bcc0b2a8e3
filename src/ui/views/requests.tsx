import { useComputed, useSignal } from '@preact/signals'
import type { LiveRequest } from '../../core/ui/types.ts'
import { Badge, Callout, Empty, View } from '../components/bits.tsx'
import type { Tone } from '../components/bits.tsx'
import { Icon } from '../components/icon.tsx'
import { Segments } from '../components/segments.tsx'
import { Table } from '../components/table.tsx'
import type { Column } from '../components/table.tsx'
import { now } from '../state/clock.ts'
import { bytes, compact, duration, many, time } from '../state/format.ts'
import { overview, requests, underWay } from '../state/live.ts'

const filters = [
  ['all', 'All'],
  ['open', 'Under way'],
  ['failed', 'Failed'],
] as const
type Filter = (typeof filters)[number][0]

/** Requests as they stream, and the last that were. What is asked and answered is never shown. */
export function RequestsView() {
  const filter = useSignal<Filter>('all')
  const words = useSignal('')
  const held = useSignal<LiveRequest[] | undefined>(undefined)
  const shown = useComputed(() =>
    (held.value ?? requests.value).filter((request) => isOf(request, filter.value) && matches(request, words.value)),
  )
  const any = requests.value.length > 0
  const workers = overview.value?.workers ?? 1
  return (
    <View
      title="Requests"
      lead={`${underWay.value === 0 ? 'None' : many(underWay.value, 'request')} under way. Those that ended since this page was first opened stay, the last hundred of them; prompts and answers are never shown.`}
      actions={
        any && (
          <button
            type="button"
            class="button"
            aria-pressed={held.value !== undefined}
            onClick={() => (held.value = held.value ? undefined : requests.value)}
          >
            <Icon name={held.value ? 'play' : 'pause'} />
            {held.value ? 'Go on' : 'Pause'}
          </button>
        )
      }
    >
      {workers > 1 && (
        <Callout tone="plain">
          byok runs as {workers} processes. What is live here is of the one that this page is connected to; usage is of
          all of them.
        </Callout>
      )}
      {any ? (
        <>
          <div class="filters">
            <Segments
              legend="Which requests"
              name="filter"
              options={filters}
              value={filter.value}
              onChange={(name) => (filter.value = name)}
            />
            <label class="field search">
              <span class="off-screen">Filter by model, provider, account or client</span>
              <input
                type="search"
                placeholder="Model, provider, account, client"
                value={words.value}
                onInput={({ currentTarget }) => (words.value = currentTarget.value)}
              />
            </label>
          </div>
          {shown.value.length === 0 ? (
            <Empty icon="requests" title="No such request">
              Nothing here fits the filter.
            </Empty>
          ) : (
            <div class="card flush">
              <Table caption="Requests" columns={columns} rows={shown.value} keyOf={({ key }) => key} look={lookOf} />
            </div>
          )}
        </>
      ) : (
        <Empty icon="requests" title="No requests yet">
          Set up a tool in <a href="#setup">Set-up</a>, or say something in <a href="#chat">Chat</a>, and watch it here.
        </Empty>
      )}
    </View>
  )
}

const columns: Column<LiveRequest>[] = [
  {
    title: 'Model',
    cell: ({ model, upstreamModel, provider, account }) => (
      <>
        <span class="breaks">{model}</span>
        <span class="under breaks">
          {provider === undefined ? 'no account yet' : [provider, account].filter(Boolean).join(' · ')}
          {upstreamModel !== undefined &&
            upstreamModel !== model &&
            !model.endsWith(`/${upstreamModel}`) &&
            ` · as ${upstreamModel}`}
        </span>
      </>
    ),
  },
  {
    title: 'State',
    cell: (request) => {
      const [tone, word] = stateOf(request)
      return (
        <>
          <Badge tone={tone}>{word}</Badge>
          {request.error !== undefined && <span class="under breaks">{request.error}</span>}
        </>
      )
    },
  },
  {
    title: 'From',
    cell: ({ protocol, client }) => (
      <>
        {client ?? 'any client'}
        <span class="under">{protocol}</span>
      </>
    ),
  },
  { title: 'Began', cell: ({ startedAt }) => <span class="whole">{time(startedAt)}</span> },
  {
    title: 'First byte',
    figure: true,
    cell: ({ startedAt, firstByteAt }) => (firstByteAt === undefined ? '–' : duration(firstByteAt - startedAt)),
  },
  {
    title: 'Took',
    figure: true,
    cell: ({ startedAt, endedAt }) =>
      endedAt === undefined ? duration(Math.max(0, now.value - startedAt)) : duration(endedAt - startedAt),
  },
  {
    title: 'Tokens',
    figure: true,
    cell: ({ input, output, estimated, sentBytes }) =>
      input === undefined && output === undefined ? (
        sentBytes === undefined || sentBytes === 0 ? (
          '–'
        ) : (
          bytes(sentBytes)
        )
      ) : (
        <span>
          {estimated === true && (
            <>
              <span aria-hidden="true">≈ </span>
              <span class="off-screen">estimated: </span>
            </>
          )}
          <span class="off-screen">in </span>
          {compact(input ?? 0)}
          <span aria-hidden="true"> → </span>
          <span class="off-screen">, out </span>
          {compact(output ?? 0)}
        </span>
      ),
  },
]

function stateOf({ outcome, endedAt, firstByteAt, status, attempts }: LiveRequest): [Tone, string] {
  const again = attempts > 1 ? `, try ${attempts}` : ''
  if (endedAt === undefined && outcome === undefined) {
    return firstByteAt === undefined ? ['busy', `Waiting${again}`] : ['busy', `Streaming${again}`]
  }
  if (outcome === 'ok') return ['good', attempts > 1 ? `Done in ${attempts} tries` : 'Done']
  if (outcome === 'aborted') return ['plain', 'Client left']
  return ['bad', status === undefined || status < 400 ? 'Failed' : `Failed, ${status}`]
}

function lookOf({ endedAt }: LiveRequest): string {
  return endedAt === undefined ? 'open' : ''
}

function isOf({ endedAt, outcome }: LiveRequest, filter: Filter): boolean {
  if (filter === 'open') return endedAt === undefined
  return filter === 'all' || outcome === 'error'
}

function matches({ model, upstreamModel, provider, account, client }: LiveRequest, words: string): boolean {
  const text = [model, upstreamModel, provider, account, client].join(' ').toLowerCase()
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}
