import { isRunning } from '../linux/process-stat.ts'
import { askProcess } from './conversation/ask.ts'
import { groupOf } from './group.ts'
import { checkIdentity, findProcess, identifyProcess } from './identity.ts'
import type { ProcessManager } from './process-manager.ts'
import { restartability } from './restartability.ts'
import { askToEnd, signalProcess } from './signal.ts'
import { cameUp, startProcess } from './start.ts'
import { waitForEnd } from './wait.ts'

export { listenForInstallers, type Listener } from './conversation/listen.ts'
export { registerRestart, restartSettings, unregisterRestart } from './registration.ts'
export { checkIdentity, findProcess, identifyProcess }

export const processManager: ProcessManager = {
  identify: findProcess,
  isRunning,
  groupOf,
  query: askProcess,
  ask: askToEnd,
  kill: (identity) => signalProcess(identity, 'SIGKILL'),
  waitForEnd,
  restartability,
  start: startProcess,
  cameUp,
}
