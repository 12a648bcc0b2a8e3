import type { RefObject } from 'preact'
import { useRef } from 'preact/hooks'

interface CodeAreaProps {
  label: string
  /** The id of what tells how to use it. */
  describedBy: string
  text: string
  badLines: ReadonlySet<number>
  invalid: boolean
  area: RefObject<HTMLTextAreaElement>
  onText: (text: string) => void
  /** Ctrl+S, or ⌘S. */
  onSave: () => void
}

/** A text to edit, with the numbers of its lines. */
export function CodeArea({ label, describedBy, text, badLines, invalid, area, onText, onSave }: CodeAreaProps) {
  const gutter = useRef<HTMLPreElement>(null)
  return (
    <div class="editor">
      <pre ref={gutter} class="gutter" aria-hidden="true">
        {text.split('\n').map((_, index) => (
          <span key={index} class={badLines.has(index + 1) ? 'bad-line' : undefined}>
            {index + 1}
            {'\n'}
          </span>
        ))}
      </pre>
      <textarea
        ref={area}
        aria-label={label}
        aria-describedby={describedBy}
        aria-invalid={invalid}
        spellcheck={false}
        autocapitalize="off"
        autocomplete="off"
        wrap="off"
        value={text}
        onInput={({ currentTarget }) => onText(currentTarget.value)}
        onScroll={({ currentTarget }) => {
          if (gutter.current) gutter.current.scrollTop = currentTarget.scrollTop
        }}
        onKeyDown={(event) => {
          if (event.key !== 's' || !(event.ctrlKey || event.metaKey)) return
          event.preventDefault()
          onSave()
        }}
      />
    </div>
  )
}

/** As the style sheet has it. */
const LINE_PX = 21

/** Selects a line, and has it in sight. */
export function goToLine(area: HTMLTextAreaElement, line: number): void {
  const lines = area.value.split('\n')
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0)
  area.focus()
  area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0))
  area.scrollTop = Math.max(0, line - 6) * LINE_PX
}
