import type { Step } from '../support/holders.ts'
import type { Arrangement, Case, HolderPlan } from './case.ts'
import type { Stage } from './stage.ts'

/** Every way a process can use a file, in a plain place. */
export const fileUses: Case[] = [
  running('executable', (program) => ({ before: [runs(program, 'executable')] })),
  running('executable, renamed over while it runs', (program, stage) => ({
    before: [runs(program, 'executable replaced')],
    change: () => stage.rename(stage.path('new'), program),
    after: [runs(program, 'executable')],
  })),
  running('executable, removed while it runs', (program, stage) => ({
    before: [runs(program, 'executable replaced')],
    change: () => stage.remove(program),
  })),
  using('mapped privately as code, descriptor closed', (file) => [['map', file, 'code']], 'mapped'),
  using('mapped privately to read, descriptor closed', (file) => [['map', file, 'data']], 'mapped'),
  using('mapped shared to write, descriptor closed', (file) => [['map', file, 'shared']], 'mapped'),
  using('open for reading', (file) => [['open', file, 'read']], 'open'),
  using('open for writing', (file) => [['open', file, 'write']], 'open'),
  using('open for appending', (file) => [['open', file, 'append']], 'open'),
  using('open for reading and writing', (file) => [['open', file, 'read-write']], 'open'),
  using('open for its path alone (O_PATH)', (file) => [['open', file, 'path']], 'open path'),
  using('open and mapped', openAndMapped, 'mapped', 'open'),
  using("in a thread's own descriptor table", inThread, 'open'),
  using('open, the first thread has ended', (file) => [['open', file, 'read'], ['end-first-thread']], 'open'),
  using('mapped, the first thread has ended', (file) => [['map', file, 'data'], ['end-first-thread']], 'mapped'),
  using(
    "in a thread's own descriptor table, the first thread has ended",
    (file) => [...inThread(file), ['end-first-thread']],
    'open',
  ),
  script('script of sh', ['#!/bin/sh', 'read line; echo "$line"; read line'], 'open', 'script'),
  script('script of python3', ['#!/usr/bin/python3 -IS', ...pythonLines()], 'script'),
  {
    part: 'Uses of a file',
    name: 'script of python3, named relative to its working directory',
    arrange: (stage) => ({
      registered: stage.script('script', pythonLines()),
      before: [plan([['work-in', stage.folder], runStep('/usr/bin/python3', '-IS', 'script')], 'script')],
    }),
  },
  {
    part: 'Uses of a file',
    name: 'script of node',
    arrange: (stage) => {
      const path = stage.script('script.cjs', [
        "const { readSync, writeSync } = require('node:fs')",
        'const line = Buffer.alloc(100)',
        'writeSync(1, line, 0, readSync(0, line))',
        'readSync(0, line)',
      ])
      return { registered: path, before: [plan([runStep(process.execPath, path)], 'script')] }
    },
  },
  {
    part: 'Uses of a file',
    name: 'script of python3, renamed over while it runs',
    arrange: (stage) => {
      const script = stage.script('script', ['#!/usr/bin/python3 -IS', ...pythonLines()])
      const next = stage.script('next', ['#!/usr/bin/python3 -IS', ...pythonLines()])
      return {
        registered: script,
        before: [plan([runStep(script)], 'script replaced')],
        change: () => stage.rename(next, script),
      }
    },
  },
  {
    part: 'Uses of a file',
    name: 'module of a script of python3',
    arrange: (stage) => {
      const path = stage.script('script', ['#!/usr/bin/python3 -SB', 'import module', ...pythonLines()])
      return { registered: stage.file('module.py', '\n'), before: [plan([runStep(path)], 'script')] }
    },
  },
  using('a copy of it in memory (memfd): no use', (file) => [['copy-into-memory', file]]),
  using('opened, mapped, read and closed: no use', (file) => [['read', file]]),
]

function using(name: string, steps: (file: string) => Step[], ...uses: string[]): Case {
  return {
    part: 'Uses of a file',
    name,
    arrange: (stage) => {
      const file = stage.file()
      return { registered: file, before: [plan(steps(file), ...uses)] }
    },
  }
}

function running(name: string, arrange: (program: string, stage: Stage) => Omit<Arrangement, 'registered'>): Case {
  return {
    part: 'Uses of a file',
    name,
    arrange: (stage) => {
      const program = stage.program()
      stage.program('new')
      return { registered: program, ...arrange(program, stage) }
    },
  }
}

function script(name: string, lines: string[], ...uses: string[]): Case {
  return {
    part: 'Uses of a file',
    name,
    arrange: (stage) => {
      const path = stage.script('script', lines)
      return { registered: path, before: [plan([runStep(path)], ...uses)] }
    },
  }
}

function pythonLines(): string[] {
  return ['import sys', 'print(sys.stdin.readline(), end="", flush=True)', 'sys.stdin.read()']
}

function openAndMapped(file: string): Step[] {
  return [
    ['open', file, 'read'],
    ['map', file, 'data'],
  ]
}

function inThread(file: string): Step[] {
  const steps: Step[] = [
    ['unshare', 'files'],
    ['open', file, 'read'],
  ]
  return [['in-thread', steps]]
}

function runs(program: string, use: string): HolderPlan {
  return plan([runStep(program)], use)
}

function runStep(...command: string[]): Step {
  return ['run', ...command]
}

function plan(steps: Step[], ...uses: string[]): HolderPlan {
  return { steps, uses }
}
