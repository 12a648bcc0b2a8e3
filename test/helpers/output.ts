/** What a run of the CLI prints, as it comes. */
export class Output {
  stdout = ''
  stderr = ''
  readonly #waiting = new Set<() => void>()

  add(name: 'stdout' | 'stderr', text: string): void {
    this[name] += text
    for (const check of this.#waiting) check()
  }

  /** Resolves once standard output (or error) holds what is looked for; rejects where the run ends without. */
  until(pattern: RegExp, exited: Promise<number | string>): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const found = pattern.exec(this.stdout) ?? pattern.exec(this.stderr)
        if (!found) return
        this.#waiting.delete(check)
        resolve(found)
      }
      this.#waiting.add(check)
      check()
      void exited.then((code) => {
        check()
        if (this.#waiting.delete(check))
          reject(new Error(`exited with ${code} before ${pattern}:\n${this.stdout}${this.stderr}`))
      })
    })
  }
}
