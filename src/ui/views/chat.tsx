import { useEffect, useRef } from 'preact/hooks'
import type { ModelView } from '../../core/ui/types.ts'
import { Empty, Failure, View } from '../components/bits.tsx'
import { Icon } from '../components/icon.tsx'
import { ModelSelect } from '../components/model-select.tsx'
import { useLoad } from '../components/use-load.ts'
import { chatModel, clear, draft, say, stop, streaming, turns } from './chat/conversation.ts'
import { Turn } from './chat/turn.tsx'

/** A conversation with any model, to try an account with. It is kept as long as the page is open. */
export function ChatView() {
  const models = useLoad<ModelView[]>('models')
  const field = useRef<HTMLTextAreaElement>(null)
  const end = useRef<HTMLDivElement>(null)
  const known = models.data ?? []
  const model = known.some(({ id }) => id === chatModel.value) ? chatModel.value : (known[0]?.id ?? '')
  const busy = streaming.value
  const follows = useRef(true)
  useEffect(() => {
    if (follows.current) end.current?.scrollIntoView({ block: 'end' })
  }, [turns.value])
  useEffect(() => {
    // Who reads further up is not taken away from there.
    const note = () => (follows.current = isAtEnd())
    addEventListener('scroll', note, { passive: true })
    return () => removeEventListener('scroll', note)
  }, [])

  const send = () => {
    const said = draft.value.trim()
    if (said === '' || model === '' || busy) return
    draft.value = ''
    follows.current = true
    void say(model, said)
    field.current?.focus()
  }
  return (
    <View
      title="Chat"
      lead="To see that an account answers. It goes the way of every other request, and counts as usage."
      actions={
        turns.value.length > 0 && (
          <button type="button" class="button" onClick={clear}>
            New chat
          </button>
        )
      }
    >
      {models.error !== undefined && <Failure message={models.error} onRetry={models.reload} />}
      {models.data?.length === 0 ? (
        <Empty icon="chat" title="There is no model to talk to yet">
          Add an account in <a href="#accounts">Accounts</a> first.
        </Empty>
      ) : (
        <div class="chat">
          <ModelSelect
            label="Model"
            models={known}
            value={model}
            none={models.data ? undefined : 'Loading…'}
            onChange={(id) => (chatModel.value = id)}
          />
          <div class="turns" role="log" aria-label="Conversation" aria-busy={busy}>
            {turns.value.map((turn, index) => (
              <Turn key={index} turn={turn} />
            ))}
            <div ref={end} />
          </div>
          <form
            class="say"
            onSubmit={(event) => {
              event.preventDefault()
              send()
            }}
          >
            <label class="field">
              <span class="off-screen">Your message</span>
              <textarea
                ref={field}
                rows={3}
                placeholder="Say something. Enter sends, Shift+Enter begins a new line."
                value={draft.value}
                onInput={({ currentTarget }) => (draft.value = currentTarget.value)}
                onKeyDown={(event) => {
                  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
                  event.preventDefault()
                  send()
                }}
              />
            </label>
            {busy ? (
              <button type="button" class="button danger" onClick={stop}>
                <Icon name="stop" />
                Stop
              </button>
            ) : (
              <button type="submit" class="button primary" disabled={draft.value.trim() === '' || model === ''}>
                <Icon name="send" />
                Send
              </button>
            )}
          </form>
        </div>
      )}
    </View>
  )
}

/** Whether the end of the page is in sight, or nearly. */
function isAtEnd(): boolean {
  const { scrollHeight } = document.documentElement
  return scrollY + innerHeight >= scrollHeight - NEAR
}

/** Pixels. */
const NEAR = 80
