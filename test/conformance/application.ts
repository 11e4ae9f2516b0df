import assert from 'node:assert/strict'
import {
  E_INVALIDARG,
  GetApplicationRestartSettings,
  HRESULT_NOT_FOUND,
  RegisterApplicationRestart,
  RESTART_NO_CRASH,
  RESTART_NO_HANG,
  RESTART_NO_PATCH,
  RESTART_NO_REBOOT,
  S_OK,
  toUniqueProcess,
  UnregisterApplicationRestart,
} from '../../src/rstrtmgr.ts'
import { startApplication } from '../support/application.ts'
import { startFixture } from '../support/fixture.ts'
import type { Case } from './case.ts'
import { hexadecimal } from './installer.ts'

const everyFlag = RESTART_NO_CRASH | RESTART_NO_HANG | RESTART_NO_PATCH | RESTART_NO_REBOOT

export const applicationCases: Case[] = [
  {
    id: 'C70',
    name: 'a command line of 1,023 and of 1,024 characters',
    expected: 'S_OK, E_INVALIDARG',
    async run() {
      const results: number[] = [
        await RegisterApplicationRestart('x'.repeat(1023), 0),
        await RegisterApplicationRestart('x'.repeat(1024), 0),
      ]
      assert.deepEqual(results, [S_OK, E_INVALIDARG])
      const kept = await GetApplicationRestartSettings(null)
      assert.equal('commandLine' in kept && kept.commandLine.length, 1023)
      await UnregisterApplicationRestart()
      return results.map(hexadecimal).join(', ')
    },
  },
  {
    id: 'C71',
    name: 'the settings of another process',
    expected: 'S_OK; where it has not registered 0x80070490',
    async run(folder) {
      await using registered = await startApplication(folder, 'registered', 'no-patch')
      await using other = await startFixture('opens-a-file', [registered.file])
      const settings = await GetApplicationRestartSettings(toUniqueProcess(registered.fixture.process))
      assert.equal(settings.result, S_OK)
      assert.match(settings.commandLine, /application\.ts .*\.dat .*\.json no-patch again$/)
      assert.equal(settings.flags, RESTART_NO_PATCH)
      const { result } = await GetApplicationRestartSettings(toUniqueProcess(other.process))
      assert.equal(result, HRESULT_NOT_FOUND)
      return `${hexadecimal(settings.result)}, the arguments, flags ${settings.flags}; ${hexadecimal(result)}`
    },
  },
  {
    id: 'C72',
    name: 'take a registration back',
    expected: 'S_OK, then 0x80070490',
    async run() {
      const given = '"with blanks" "" C:\\x\\'
      assert.equal(await RegisterApplicationRestart(given, everyFlag), S_OK)
      const settings = await GetApplicationRestartSettings(null)
      assert.deepEqual(settings, { result: S_OK, commandLine: given, flags: 15 })
      const result = await UnregisterApplicationRestart()
      assert.equal(result, S_OK)
      const after = await GetApplicationRestartSettings(null)
      assert.equal(after.result, HRESULT_NOT_FOUND)
      return `${hexadecimal(result)}, then ${hexadecimal(after.result)}`
    },
  },
]
