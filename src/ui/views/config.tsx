import { useSignal } from '@preact/signals'
import type { ConfigView as Config } from '../../core/ui/types.ts'
import { Callout, Empty, Failure, Loading, View } from '../components/bits.tsx'
import { useLoad } from '../components/use-load.ts'
import { Editor } from './config/editor.tsx'
import { leaving } from '../state/route.ts'
import { Settings } from './config/settings.tsx'

/** The files of the config, to change, and every setting as it counts. */
export function ConfigView() {
  const { data, error, reload } = useLoad<Config>('config')
  const chosen = useSignal<string | undefined>(undefined)
  const files = data?.files ?? []
  const file = files.find(({ path }) => path === chosen.value) ?? files.findLast(({ exists }) => exists) ?? files[0]
  return (
    <View title="Config" lead="What is saved here counts at once, and is only saved when it is valid.">
      {error !== undefined && <Failure message={error} onRetry={reload} />}
      {!data && error === undefined && <Loading />}
      {data && !file && (
        <Empty icon="config" title="There is no file to change">
          byok was started without config files; what counts was given where it was started.
        </Empty>
      )}
      {data && file && (
        <>
          {files.length > 1 && (
            <label class="field">
              <span>File (each outranks those above it)</span>
              <select
                value={file.path}
                onChange={(event) => {
                  if (leaving.value && !leaving.value()) event.currentTarget.value = file.path
                  else chosen.value = event.currentTarget.value
                }}
              >
                {files.map(({ path, shown, exists }) => (
                  <option key={path} value={path}>
                    {shown}
                    {exists ? '' : ' (not there yet)'}
                  </option>
                ))}
              </select>
            </label>
          )}
          {file.text === undefined ? (
            <Callout tone="warn">{file.problem ?? 'This file cannot be changed here.'}</Callout>
          ) : (
            <Editor key={`${file.path} ${file.version}`} file={file} text={file.text} onReload={reload} />
          )}
          <Settings settings={data.settings} />
        </>
      )}
    </View>
  )
}
