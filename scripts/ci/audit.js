/**
 * `npm audit` of what byok brings to its users. A registry that cannot be asked, or does not audit, fails nothing: it is said,
 * and the next run with one tells.
 */
import { spawnSync } from 'node:child_process'

const { status, stdout, stderr } = spawnSync('npm', ['audit', '--omit=dev', '--audit-level=high', '--json'], {
  encoding: 'utf8',
  timeout: 60_000,
})
let report
try {
  report = JSON.parse(stdout ?? '')
} catch {
  report = undefined
}
const counts = report?.metadata?.vulnerabilities
if (!counts) {
  console.log(
    `not audited: ${report?.message ?? report?.error?.summary ?? stderr?.trim().split('\n')[0] ?? 'no answer'}`,
  )
} else {
  console.log(
    `audited: ${counts.total} known vulnerabilities, ${counts.high + counts.critical} of them high or critical`,
  )
  if (status !== 0) {
    console.log(stdout)
    process.exitCode = 1
  }
}
