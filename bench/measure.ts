import { execFileSync, spawnSync } from 'node:child_process'

export interface Command {
  name: string
  command: string[]
}

/** The median of the milliseconds each command took, by name: all commands in turn, again and again, so that noise meets all alike. */
export function measure(commands: Command[], rounds: number): Map<string, number> {
  const times = new Map<string, number[]>(commands.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, command } of commands) times.get(name)?.push(timeOf(command))
  }
  return new Map([...times].map(([name, values]) => [name, median(values)]))
}

/** The most memory that a command had in use, in MiB (ru_maxrss, getrusage(2)). */
export function memoryOf(command: string[]): number {
  const program = [
    'import resource, subprocess, sys',
    'subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)',
    'print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)',
  ]
  return Number(execFileSync('python3', ['-c', program.join('\n'), ...command], { encoding: 'utf8' })) / 1024
}

export function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$0"', program]).status === 0
}

export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN
}

function timeOf([program = '', ...args]: string[]): number {
  const start = performance.now()
  const { error, status } = spawnSync(program, args, { stdio: 'ignore' })
  if (error) throw error
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${String(status)}`)
  return performance.now() - start
}
