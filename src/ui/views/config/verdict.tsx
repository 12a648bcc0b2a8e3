import type { ConfigChecked } from '../../../core/ui/types.ts'
import { Callout } from '../../components/bits.tsx'
import { Icon } from '../../components/icon.tsx'

/** Whether a config is valid, and where it is not. */
export function Verdict({ checked, onGo }: { checked: ConfigChecked; onGo: (line: number) => void }) {
  const { valid, problems, warnings, restart } = checked
  return (
    <div class="stack tight">
      {valid && <Callout tone="good">This is valid.</Callout>}
      {problems.map(({ message, key, source, line }) => (
        <div key={`${source} ${key} ${message}`} class="callout bad">
          <Icon name="alert" />
          <div class="callout-words">
            {key !== '' && <code class="breaks">{key}</code>} {message}
            <span class="under breaks">{source}</span>
          </div>
          {line !== undefined && (
            <button type="button" class="button small" onClick={() => onGo(line)}>
              Go to line {line}
            </button>
          )}
        </div>
      ))}
      {warnings.map((warning) => (
        <Callout key={warning} tone="warn">
          {warning}
        </Callout>
      ))}
      {restart.length > 0 && (
        <Callout tone="plain">
          Counts after a restart of byok: <code class="breaks">{restart.join(', ')}</code>
        </Callout>
      )}
    </div>
  )
}
