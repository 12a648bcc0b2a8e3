import type { ModelView } from '../../core/ui/types.ts'

interface ModelSelectProps {
  label: string
  models: readonly ModelView[]
  value: string
  /** What stands for no choice, where there may be none. */
  none?: string
  onChange: (id: string) => void
}

/** Chooses a model, by its provider. */
export function ModelSelect({ label, models, value, none, onChange }: ModelSelectProps) {
  const providers = [...new Set(models.map(({ provider }) => provider))]
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {none !== undefined && <option value="">{none}</option>}
        {providers.map((name) => (
          <optgroup key={name} label={name}>
            {models
              .filter(({ provider }) => provider === name)
              .map(({ id }) => (
                <option key={id} value={id}>
                  {id}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
    </label>
  )
}
