import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { programName } from '../../../src/affected/program-name.ts'

const rows: [string | null, string, string][] = [
  ['/usr/sbin/nginx', 'nginx: master process', 'nginx'],
  ['/usr/bin/python3.11', 'python3 -u /opt/app/main.py', 'main.py'],
  ['/usr/bin/python3.11', 'python3 -c /opt/app/main.py', 'python3.11'],
  ['/usr/bin/node', 'node --require /opt/first.js /opt/app.js', 'app.js'],
  ['/usr/bin/node', 'node app.js', 'node'],
  ['/usr/bin/busybox', 'sh /opt/start.sh', 'start.sh'],
  ['/usr/bin/java', 'java -Xmx1g -jar /opt/app.jar', 'app.jar'],
  [null, 'x', 'comm'],
]

describe('what a person calls a program', () => {
  for (const [executable, command, name] of rows) {
    it(`${executable ?? 'unknown'}: ${command} → ${name}`, () => {
      assert.equal(programName(executable, command.split(' '), 'comm'), name)
    })
  }
})
