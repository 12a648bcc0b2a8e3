import { ESLint } from 'eslint'

/** What one rule says of a file's code, by the repository's own config: the file need not exist. */
export function linterOf(rule: string): (filePath: string, code: string) => Promise<string[]> {
  const eslint = new ESLint({ ruleFilter: ({ ruleId }) => ruleId === rule })
  return async (filePath, code) => {
    const [result] = await eslint.lintText(code, { filePath, warnIgnored: false })
    return (result?.messages ?? []).map((message) => message.message)
  }
}
