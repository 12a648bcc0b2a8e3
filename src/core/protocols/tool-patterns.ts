/** Letters that mean nothing behind a backslash to Python, and in JavaScript, as `\p{Cc}`, do; `\u{…}`; named groups; what looks back. */
const FOREIGN = /(?<!\\)(?:\\\\)*(?:\\(?:[ceg-mopqyzCE-RTUVXY]|u(?![\da-fA-F]{4})|x(?![\da-fA-F]{2}))|\(\?<)/

/** What looks ahead or back. */
const LOOKS_AROUND = /(?<!\\)(?:\\\\)*\(\?<?[=!]/

/**
 * Whether OpenAI takes a `pattern` in a tool's parameters. It compiles each as Python does, and refuses the request for one that is "not a
 * 'regex'", such as that of Claude Code's tool `Artifact`; Python looks back by a fixed width alone, and none that looks back is worth the
 * risk. Strict tools may not look ahead either: "regex lookaround is not supported".
 *
 * Sources: BerriAI/litellm pull request 40485 (Python's `re`), Crazytieguy/alignment-hive issue 107 (that looking ahead is no fault by
 * itself), vercel/ai pull request 21037 (strict tools).
 */
export function isOpenAIPattern(pattern: string, strict: boolean): boolean {
  return !FOREIGN.test(pattern) && !(strict && LOOKS_AROUND.test(pattern))
}
