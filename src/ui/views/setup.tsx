import { useSignal } from '@preact/signals'
import type { ModelView, ToolView } from '../../core/ui/types.ts'
import { Callout, Failure, Loading, View } from '../components/bits.tsx'
import { Code } from '../components/copy.tsx'
import { ModelSelect } from '../components/model-select.tsx'
import { useLoad } from '../components/use-load.ts'
import { baseUrl } from '../state/address.ts'
import { route } from '../state/route.ts'

/** How each tool is told to ask byok: what to write, and where. */
export function SetupView() {
  const model = useSignal('')
  const query = new URLSearchParams({ url: baseUrl, ...(model.value && { model: model.value }) })
  const tools = useLoad<ToolView[]>(`setup?${query}`)
  const models = useLoad<ModelView[]>('models')
  const tool = tools.data?.find(({ name }) => name === route.value.detail) ?? tools.data?.[0]
  return (
    <View title="Set-up" lead="Point the tools you use at byok. Choose one, and copy what it needs.">
      {tools.error !== undefined && <Failure message={tools.error} onRetry={tools.reload} />}
      {tools.data === undefined && tools.error === undefined && <Loading />}
      {tools.data && tool && (
        <div class="split">
          <nav class="picker" aria-label="Tools">
            <ul>
              {tools.data.map(({ name, title }) => (
                <li key={name}>
                  <a href={`#setup/${name}`} aria-current={name === tool.name ? 'true' : undefined}>
                    {title}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
          <section class="stack" aria-labelledby="tool">
            <h2 id="tool">{tool.title}</h2>
            <ModelSelect
              label="Model"
              models={models.data ?? []}
              value={model.value}
              none="The first that fits"
              onChange={(id) => (model.value = id)}
            />
            <Tool tool={tool} />
          </section>
        </div>
      )}
    </View>
  )
}

function Tool({ tool: { name, files, notes } }: { tool: ToolView }) {
  return (
    <>
      {files.map(({ path, text }) => (
        <div key={path} class="stack tight">
          <h3>
            In <code class="breaks">~/{path}</code>
          </h3>
          <Code text={text} what={`what goes into ${path}`} />
        </div>
      ))}
      {notes.length > 0 && <Notes notes={notes} />}
      <Callout tone="plain">
        On the machine byok runs on, <code>byok setup {name}</code> writes this for you, and keeps what else is in the
        file. Where byok has client keys, put one of yours in place of the key above.
      </Callout>
    </>
  )
}

/** Sentences, and, indented, what is to be written or run. */
function Notes({ notes }: { notes: string[] }) {
  return (
    <div class="stack tight">
      {blocksOf(notes).map(({ text, written }) =>
        written ? <Code key={text} text={text} what="these lines" /> : <p key={text}>{text}</p>,
      )}
    </div>
  )
}

interface Block {
  text: string
  written: boolean
}

/** Lines that are indented and follow each other are one. */
function blocksOf(notes: readonly string[]): Block[] {
  const blocks: Block[] = []
  for (const note of notes) {
    const written = note.startsWith('  ')
    const text = written ? note.slice(2) : note
    const last = blocks.at(-1)
    if (written && last?.written) last.text += `\n${text}`
    else blocks.push({ text, written })
  }
  return blocks
}
