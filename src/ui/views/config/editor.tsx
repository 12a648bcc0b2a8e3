import { useSignal } from '@preact/signals'
import { useCallback, useEffect, useRef } from 'preact/hooks'
import type { ConfigChecked, ConfigDraft, ConfigFileView } from '../../../core/ui/types.ts'
import { Failure } from '../../components/bits.tsx'
import { askFor } from '../../state/api.ts'
import { ApiError, messageOf } from '../../state/error.ts'
import { tell } from '../../state/notice.ts'
import { leaving } from '../../state/route.ts'
import { CodeArea, goToLine } from './code-area.tsx'
import { Verdict } from './verdict.tsx'

interface EditorProps {
  file: ConfigFileView
  /** As it is in the file. */
  text: string
  /** Loads the file as it is now. */
  onReload: () => void
}

/** Time without a key pressed after which a text is looked at. */
const PAUSE_MS = 700

/** A file's text, checked while it is written. */
export function Editor({ file, text: kept, onReload }: EditorProps) {
  const text = useSignal(kept)
  const checked = useSignal<ConfigChecked | undefined>(undefined)
  const error = useSignal<ApiError | string | undefined>(undefined)
  const busy = useSignal(false)
  const area = useRef<HTMLTextAreaElement>(null)
  const changed = text.value !== kept
  const { path, version, shown, exists } = file
  const badLines = new Set((checked.value?.problems ?? []).flatMap(({ line }) => line ?? []))

  const send = useCallback(
    async (method: 'POST' | 'PUT', signal?: AbortSignal): Promise<ConfigChecked | undefined> => {
      const body: ConfigDraft = { path, version, text: text.value }
      try {
        const answer = await askFor<ConfigChecked>(method === 'PUT' ? 'config' : 'config/check', {
          method,
          body,
          signal,
        })
        error.value = undefined
        checked.value = answer
        return answer
      } catch (reason) {
        if (!signal?.aborted) error.value = reason instanceof ApiError ? reason : messageOf(reason)
        return undefined
      }
    },
    [path, version],
  )

  useEffect(() => {
    leaving.value = changed ? () => confirm('Leave without saving what you changed?') : undefined
    return () => (leaving.value = undefined)
  }, [changed])

  useEffect(() => {
    if (!changed) {
      checked.value = undefined
      return
    }
    const stop = new AbortController()
    const timer = setTimeout(() => void send('POST', stop.signal), PAUSE_MS)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [text.value, changed])

  const save = async () => {
    if (busy.value) return
    busy.value = true
    const answer = await send('PUT')
    busy.value = false
    if (!answer?.valid) return
    const later = answer.restart.length > 0 ? ` After a restart count: ${answer.restart.join(', ')}.` : ''
    tell(`Saved ${shown}, and taken over.${later}`)
    for (const warning of answer.warnings) tell(warning, 'bad')
    leaving.value = undefined
    onReload()
  }

  const goTo = (line: number) => {
    if (area.current) goToLine(area.current, line)
  }

  return (
    <section class="stack" aria-labelledby="editing">
      <h2 id="editing" class="breaks">
        {shown}
        {!exists && <span class="muted"> (not there yet)</span>}
      </h2>
      <CodeArea
        label={`Text of ${shown}`}
        describedBy="editor-help"
        text={text.value}
        badLines={badLines}
        invalid={checked.value?.valid === false}
        area={area}
        onText={(given) => (text.value = given)}
        onSave={() => void save()}
      />
      <p id="editor-help" class="muted small-words">
        Secrets show as marks such as <code>__SECRET_1__</code>: leave one, move it, or write a new secret over it.
        Ctrl+S saves.
      </p>
      <div role="status">{checked.value && <Verdict checked={checked.value} onGo={goTo} />}</div>
      {error.value !== undefined && <Failure message={messageOf(error.value)} />}
      <div class="actions">
        <button
          type="button"
          class="button primary"
          disabled={busy.value || (exists && !changed)}
          onClick={() => void save()}
        >
          {busy.value ? 'Saving…' : 'Save'}
        </button>
        <button type="button" class="button" onClick={() => void send('POST')}>
          Check
        </button>
        <button
          type="button"
          class="button quiet"
          onClick={() => {
            if (changed && !confirm('Load the file again, without what you changed?')) return
            text.value = kept
            error.value = undefined
            onReload()
          }}
        >
          Load again
        </button>
      </div>
    </section>
  )
}
