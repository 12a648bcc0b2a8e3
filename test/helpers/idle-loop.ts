import { performance } from 'node:perf_hooks'

// Streams of a process that has no time left are given in fewer pieces (src/core/upstream/pace.ts). Tests count them, on machines that are
// busy with other tests.
performance.eventLoopUtilization = () => ({ idle: 0, active: 0, utilization: 0 })
