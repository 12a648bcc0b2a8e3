/** Where a piece of config was written. */
export interface Origin {
  /** A file as people write its path, an environment variable, a flag, or `createByok options`. */
  source: string
  /** Set for files only. From 1. */
  line?: number
  column?: number
}

/** One thing wrong with the config. */
export interface ConfigProblem extends Origin {
  /** Such as `providers.claude.base_url`; empty where no key is at fault. */
  key: string
  /** Never quotes a value, because it may be a secret. */
  message: string
  /** The valid name nearest to a wrong one. */
  nearest?: string
}

/** The config is wrong. The message names every problem with its file, line and key. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(formatProblem)
    super(
      lines.length === 1
        ? (lines[0] ?? '')
        : `${lines.length} problems in the config:\n${lines.map((line) => `  ${line}`).join('\n')}`,
    )
    this.problems = problems
  }
}

export function formatOrigin({ source, line }: Origin): string {
  return line === undefined ? source : `${source}:${line}`
}

function formatProblem(problem: ConfigProblem): string {
  const place = problem.key === '' ? formatOrigin(problem) : `${formatOrigin(problem)}: ${problem.key}`
  return `${place}: ${problem.message}`
}

export type Path = readonly (string | number)[]

/** `providers.claude.api_keys[0].key`; names that would be misread are quoted. */
export function formatPath(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`
      const name = part.length > 60 ? `${part.slice(0, 60)}…` : part
      if (!/^[\w-]+$/.test(name)) return index === 0 ? JSON.stringify(name) : `[${JSON.stringify(name)}]`
      return index === 0 ? name : `.${name}`
    })
    .join('')
}

/** Names that would reach an object's prototype. */
export function isUnsafeName(name: string): boolean {
  return name === '__proto__' || name === 'constructor' || name === 'prototype'
}
