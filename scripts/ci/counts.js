/**
 * The end of `.ci/run`: the tests that failed, told once more after all that was printed since, and what the test runner counted,
 * over all of its runs.
 *
 * Usage: node counts.js FAILED_STEPS REPORT…   (REPORT: Vitest's JSON)
 */
import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** What a failure says, without the colours, and no more of it than tells what was wrong. */
const beginningOf = (message) => stripVTControlCharacters(message).slice(0, 1500)

const [failedSteps, ...reports] = process.argv.slice(2)
const total = { passed: 0, failed: 0, skipped: 0 }
let missing = 0
for (const path of reports) {
  if (!existsSync(path)) {
    missing++
    continue
  }
  const report = JSON.parse(readFileSync(path, 'utf8'))
  total.passed += report.numPassedTests
  total.failed += report.numFailedTests
  total.skipped += report.numPendingTests + report.numTodoTests
  // A file that cannot even be loaded holds tests nobody counted.
  if (!report.success && report.numFailedTests === 0) total.failed++
  for (const file of report.testResults) {
    if (file.status !== 'failed') continue
    const tests = file.assertionResults.filter(({ status }) => status === 'failed')
    console.log(`\nfailed: ${relative('.', file.name)}${tests.length === 0 ? `: ${beginningOf(file.message)}` : ''}`)
    for (const { fullName, failureMessages } of tests)
      console.log(`  ${fullName}: ${beginningOf(failureMessages.join('\n'))}`)
  }
}
if (missing > 0) console.log(`${missing} of ${reports.length} test runs left no report`)
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`)
process.exitCode = failedSteps !== '0' || missing > 0 || total.failed > 0 || total.passed === 0 ? 1 : 0
