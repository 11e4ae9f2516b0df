// The primary installer: starts a session, has a secondary installer join it as another process, sees what both of them
// are about to disturb, stops it, replaces the files, starts it again and shows that the new versions run.
import { fork } from 'node:child_process'
import {
  identifyProcess,
  startSession,
  type AffectedApplication,
  type ProcessIdentity,
  type Progress,
} from 'restart-manager'
import { filesOf, install, removeAll, running, start } from './programs/installed.ts'

const own = 'tower-clock'
const other = 'wall-clock'

// Two programs of version 1.0 run, each holding its data file open.
install(own, '1.0')
install(other, '1.0')
const before = [await start(own), await start(other)]
const started: ProcessIdentity[] = await Promise.all(before.map(({ pid }) => identifyProcess(pid)))

const after: AffectedApplication[] = []

try {
  await using session = await startSession()
  await session.register({ files: filesOf(own) })

  // The secondary gets the key in its environment, never on a command line, which everybody can read.
  const secondary = fork(new URL('secondary-installer.ts', import.meta.url), [other], {
    env: { ...process.env, RESTART_MANAGER_SESSION: session.key },
  })
  await session.waitForParticipants({ atLeast: 1, timeoutMs: 30_000 })

  const list = await session.list()
  console.log('Affected by what both installers replace:\n')
  showTable(list.applications)
  if (list.rebootReasons.length > 0) throw new Error(`A reboot is required: ${list.rebootReasons.join(', ')}`)

  console.log()
  await session.shutdown({ onProgress: showProgress })
  try {
    secondary.send('stopped')
    install(own, '2.0')
    await session.waitForParticipants({ timeoutMs: 30_000 })
  } finally {
    // Whatever happens, what was stopped comes back.
    const { applications } = await session.restart({ onProgress: showProgress })
    started.push(...applications.map(({ application }) => application.process))
    after.push(...applications.map(({ application }) => application))
  }

  console.log('\nPROGRAM      BEFORE               AFTER')
  for (const [index, program] of [own, other].entries()) {
    const { process } = after.find(({ command }) => command.some((part) => filesOf(program).includes(part))) ?? {}
    const now = await running(program, process?.pid ?? 0)
    const then = before[index]
    console.log(
      `${program.padEnd(12)} ${`${then?.version} (process ${then?.pid})`.padEnd(20)} ${now.version} (process ${now.pid})`,
    )
  }
} finally {
  await Promise.all(started.map(end))
  removeAll()
}

function showTable(applications: AffectedApplication[]): void {
  console.log('APPLICATION     PID      RESTART  USES')
  for (const {
    name,
    process: { pid },
    restartable,
    uses,
  } of applications) {
    const paths = uses.map(({ path, as }) => `${path.split('/').slice(-2).join('/')} (${as})`)
    console.log(
      [name.padEnd(15), String(pid).padEnd(8), (restartable ? 'yes' : 'no').padEnd(8), paths.join(', ')].join(' '),
    )
  }
}

function showProgress({ percent, phase, application }: Progress): void {
  const bar = '#'.repeat(percent / 5).padEnd(20, '.')
  const what = phase === 'shutdown' ? 'Stopping' : 'Starting'
  console.log(
    `${what} [${bar}] ${String(percent).padStart(3)}% ${application ? `${application.name} (process ${application.process.pid})` : ''}`,
  )
}

/** Ends a program of this sample, unless it has ended: then its pid may be another's by now. */
async function end(program: ProcessIdentity): Promise<void> {
  const now = await identifyProcess(program.pid).catch(() => null)
  if (now?.startTime === program.startTime) process.kill(program.pid, 'SIGTERM')
}
