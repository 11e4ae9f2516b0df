import assert from 'node:assert/strict'
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { afterEach, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { groupProcesses } from '../../src/affected/groups.ts'
import { readFactsOf } from '../../src/affected/process-facts.ts'
import { runInSlices } from '../../src/detection/index.ts'
import { readExecutable } from '../../src/linux/process-details.ts'
import { readAncestors, readChildren } from '../../src/linux/process-tree.ts'
import { processManager } from '../../src/processes/index.ts'
import { until } from '../support/application.ts'

let running: ChildProcessByStdio<Writable, Readable, null>[] = []

/** Starts a program that ends with its standard input; answers the numbers it has written when there are `count` of them. */
async function start(count: number, command: string, ...args: string[]): Promise<number[]> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  running.push(child)
  let said = ''
  const numbers = () => [...said.matchAll(/(\d+)\s/g)].map(([, number]) => Number(number))
  while (numbers().length < count) said += String((await once(child.stdout, 'data'))[0])
  return [child.pid ?? 0, ...numbers()]
}

/** Waits until its children run these programs: a shell has forked them before. */
async function children(shell: number, ...programs: string[]): Promise<number[]> {
  const names = () => readChildren(shell).map((pid) => readExecutable(pid)?.split('/').at(-1))
  await until(`${programs.join()} run`, () => names().join() === programs.join())
  return readChildren(shell)
}

/** A shell with a terminal and job control. `end` kills it and what it has started. */
async function interactiveShell() {
  const bash = 'exec bash --norc --noprofile -i'
  const terminal = spawn('script', ['--quiet', '--command', bash, '/dev/null'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const ended = once(terminal, 'exit')
  const [shell = 0] = await children(terminal.pid ?? 0, 'bash')
  return {
    shell,
    type: (line: string) => terminal.stdin.write(`${line}\n`),
    end: async () => {
      // Some end with others: each by its identity.
      const all = [shell, ...readChildren(shell)].flatMap((pid) => processManager.identify(pid) ?? [])
      for (const one of all) processManager.kill(one)
      await ended
    },
  }
}

async function groups(...pids: number[]): Promise<number[][]> {
  const facts = pids.map((pid) => readFactsOf(pid)).filter((one) => one !== null)
  assert.equal(facts.length, pids.length)
  const found = await runInSlices(groupProcesses(facts, new Set(readAncestors(process.pid))))
  return found.map((group) => group.map(({ identity }) => identity.pid))
}

describe('processes of one application', () => {
  afterEach(async () => {
    const left = running.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
    const ended = left.map((child) => once(child, 'exit'))
    for (const child of running) child.stdin.destroy()
    await Promise.all(ended)
    running = []
  })

  it('are in one group where one between them uses nothing, in whatever order they are found', async () => {
    // Three shells, each the child of the one before; the process ids in that order.
    const between = 'echo $$; sh -c "echo \\$\\$; cat"; :'
    const [, top = 0, middle = 0, bottom = 0] = await start(3, 'sh', '-c', `echo $$; sh -c '${between}'; :`)
    for (const pids of [
      [top, bottom],
      [bottom, top],
    ]) {
      assert.deepEqual(
        (await groups(...pids)).map((group) => group.slice(0, 3)),
        [[top, middle, bottom]],
      )
    }
  })

  it('are the parts of a pipeline of a script, which itself goes on', async () => {
    const [script = 0] = await start(0, 'bash', '-c', 'cat | tee | sed ""; :')
    const parts = await children(script, 'cat', 'tee', 'sed')
    for (const part of parts) assert.deepEqual(await groups(part), [parts])
    assert.deepEqual(await groups(script, parts[1] ?? 0), [[script, ...parts]])
  })

  it('are not the jobs that a script has started beside each other', async () => {
    const [script = 0] = await start(0, 'bash', '-c', 'exec 3<&0; cat <&3 & tee <&3 & wait')
    const [one = 0, other = 0] = await children(script, 'cat', 'tee')
    assert.deepEqual(await groups(one, other), [[one], [other]])
  })

  it('are the parts of a pipeline of an interactive shell, and not that shell or its other jobs', async () => {
    const { shell, type, end } = await interactiveShell()
    try {
      type('sleep 60 &')
      const [job = 0] = await children(shell, 'sleep')
      type('cat | tee | sed ""')
      const [, ...parts] = await children(shell, 'sleep', 'cat', 'tee', 'sed')
      for (const part of parts) assert.deepEqual(await groups(part), [parts])
      assert.deepEqual(await groups(job, shell), [[job], [shell]])
    } finally {
      await end()
    }
  })

  it('are not a script and the interactive shell that it was started from', async () => {
    const { shell, type, end } = await interactiveShell()
    try {
      type('bash -c "cat; :"')
      const [script = 0] = await children(shell, 'bash')
      const [part = 0] = await children(script, 'cat')
      assert.deepEqual(await groups(shell, script), [[shell], [script, part]])
    } finally {
      await end()
    }
  })

  it('are not what a script has started to outlive it', async () => {
    const script = 'exec 3<&0; nohup cat <&3 >/dev/null 2>&1 & cat; :'
    const [pid = 0] = await start(0, 'bash', '-c', script)
    const [outlives = 0, part = 0] = await children(pid, 'cat', 'cat')
    await until('it ignores SIGHUP', async () => (await groups(pid)).flat().length === 2)
    assert.deepEqual(await groups(pid), [[pid, part]])
    assert.deepEqual(await groups(pid, outlives), [[pid, part], [outlives]])
  })

  it('are a daemon and its workers, whichever of them is found, and not who started it', async () => {
    const daemon = fileURLToPath(new URL('../fixtures/daemon.py', import.meta.url))
    const [, ...pids] = await start(3, 'bash', '-c', `python3 ${daemon}; cat; :`)
    for (const pid of pids) assert.deepEqual(await groups(pid), [pids])
  })

  it('are not two programs of one interpreter, one started by the other in a session of its own', async () => {
    const child = `require('child_process').spawn(process.execPath, ['-e', 'process.stdin.resume()'],
      { detached: true, stdio: ['inherit', 'ignore', 'ignore'] }); console.log(process.pid)`
    const [starter = 0] = await start(1, process.execPath, '-e', child)
    const [other = 0] = readChildren(starter)
    assert.deepEqual(await groups(starter, other), [[starter], [other]])
  })

  it('are not a launcher and the program that it has launched into its own group', async () => {
    const launch = "import subprocess, sys; subprocess.Popen(['tee']); print(0, flush=True); sys.stdin.read()"
    const [launcher = 0] = await start(1, 'setsid', 'python3', '-c', launch)
    const [launched = 0] = await children(launcher, 'tee')
    assert.deepEqual(await groups(launcher, launched), [[launcher], [launched]])
    const leader = processManager.identify(launcher)
    assert.ok(leader)
    assert.deepEqual(
      processManager.groupOf(leader).map(({ pid }) => pid),
      [launcher],
    )
  })

  for (const method of ['fork', 'forkserver', 'spawn']) {
    it(`are a program in Python and its worker that it has by ${method}, though only the worker is found`, async () => {
      const program = fileURLToPath(new URL('../fixtures/workers.py', import.meta.url))
      const [, main = 0, worker = 0] = await start(2, 'python3', program, method)
      const [[first, ...others] = []] = await groups(worker)
      assert.equal(first, main)
      assert.ok(others.includes(worker))
    })
  }

  it('are not a window manager and what was started from it, where a script has started the desktop', async () => {
    const manager = "import subprocess, sys; subprocess.Popen(['tee']); print(0, flush=True); sys.stdin.read()"
    const [session = 0] = await start(1, 'setsid', 'sh', '-c', `python3 -c "${manager}"; :`)
    const [found = 0] = readChildren(session)
    const [launched = 0] = await children(found, 'tee')
    assert.deepEqual(await groups(found), [[found]])
    assert.deepEqual(await groups(found, launched), [[found], [launched]])
    assert.deepEqual(await groups(session), [[session, found, launched]])
  })

  it('are not, when it is stopped, two programs of one interpreter with a shell between them', async () => {
    const wait = 'import sys; sys.stdin.read()'
    const launch = `import subprocess; subprocess.Popen("python3 -c '${wait}'; :", shell=True); print(0, flush=True); ${wait}`
    const [launcher = 0] = await start(1, 'setsid', 'python3', '-c', launch)
    const [shell = 0] = readChildren(launcher)
    await until('the other runs', () => readExecutable(readChildren(shell)[0] ?? 0) === readExecutable(launcher))
    const leader = processManager.identify(launcher)
    assert.ok(leader)
    assert.deepEqual(processManager.groupOf(leader), [leader])
  })
})
