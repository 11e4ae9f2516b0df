import { existsSync } from 'node:fs'

/** Why the tests of this folder must not run here: they stop services and write units. For the option `skip`. */
export const outsideMachine: string | false =
  process.env['RESTART_MANAGER_TEST_MACHINE'] === '1' && existsSync('/run/host/container-manager')
    ? false
    : 'Only inside the test machine: node --test test/machine/machine.test.ts test/machine/packages.test.ts'
