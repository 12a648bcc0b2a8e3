interface SegmentsProps<T> {
  /** What is chosen, for who cannot see it. */
  legend: string
  /** Which no other on the page has. */
  name: string
  options: readonly (readonly [value: T, word: string])[]
  value: T
  onChange: (value: T) => void
}

/** One of a few, side by side. */
export function Segments<T extends string | number>({ legend, name, options, value, onChange }: SegmentsProps<T>) {
  return (
    <fieldset class="segments">
      <legend class="off-screen">{legend}</legend>
      {options.map(([option, word]) => (
        <label key={option}>
          <input
            type="radio"
            name={name}
            class="off-screen"
            checked={value === option}
            onChange={() => onChange(option)}
          />
          <span>{word}</span>
        </label>
      ))}
    </fieldset>
  )
}
