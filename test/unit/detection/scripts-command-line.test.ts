import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseCommand, scriptArgument } from '../../../src/detection/scripts/command-line.ts'
import { interpreterOf } from '../../../src/detection/scripts/interpreters.ts'

/** Program file, arguments from the program's own name, script. */
const scripts: [string, string, string | null][] = [
  ['/usr/bin/python3.11', 'python3 app.py', 'app.py'],
  ['/usr/bin/python3.11', 'python3 -u -W ignore -X dev app.py -c text', 'app.py'],
  ['/usr/bin/python3.11', 'python3 -uWignore /opt/app.py', '/opt/app.py'],
  ['/usr/bin/python3.11', 'python3 -c print(1) /opt/app.py', null],
  ['/usr/bin/python3.11', 'python3 -Ic print(1) /opt/app.py', null],
  ['/usr/bin/python3.11', 'python3 -m http.server /opt/app.py', null],
  ['/usr/bin/python3.11', 'python3 - /opt/app.py', null],
  ['/usr/bin/python3.11', 'python3 -- -odd.py', '-odd.py'],
  ['/usr/bin/python3.11', 'python3 --check-hash-based-pycs never app.py', 'app.py'],
  ['/usr/bin/python3.11', 'python3', null],
  ['/usr/bin/python3.11 (deleted)', 'python3 app.py', 'app.py'],
  ['/opt/x/bin/python', 'python app.py', 'app.py'],
  ['/opt/pypy/bin/pypy3.9', 'pypy3 app.py', 'app.py'],
  ['/usr/bin/node', 'node app.js --require x.js', 'app.js'],
  ['/usr/bin/nodejs', 'node --require ./a.js --import b --loader c ./app.js', './app.js'],
  ['/usr/bin/node', 'node --max-old-space-size=100 --inspect=0 app.js', 'app.js'],
  ['/usr/bin/node', 'node --inspect app.js', 'app.js'],
  ['/usr/bin/node', 'node -e 1 /opt/app.js', null],
  ['/usr/bin/node', 'node --eval=1 /opt/app.js', null],
  ['/usr/bin/node', 'node -p 1 /opt/app.js', null],
  ['/usr/bin/node', 'node --run start', null],
  ['/usr/bin/node', 'node inspect app.js', 'app.js'],
  ['/usr/bin/node', 'node -- app.js', 'app.js'],
  ['/usr/bin/node', 'node -', null],
  ['/usr/local/bin/bun', 'bun run app.ts', 'app.ts'],
  ['/usr/local/bin/bun', 'bun --preload a.ts app.ts', 'app.ts'],
  ['/usr/local/bin/bun', 'bun install app.ts', null],
  ['/usr/local/bin/deno', 'deno run --allow-net -c deno.json app.ts', 'app.ts'],
  ['/usr/local/bin/deno', 'deno fmt app.ts', null],
  ['/usr/bin/perl', 'perl -w -I lib -MFoo=bar app.pl', 'app.pl'],
  ['/usr/bin/perl5.36.0', 'perl -Ilib -T app.pl', 'app.pl'],
  ['/usr/bin/perl', 'perl -lne print app.txt', null],
  ['/usr/bin/perl', 'perl -0777 -i.bak -pe s/a/b/ app.txt', null],
  ['/usr/bin/perl', 'perl -0777ne print app.txt', null],
  ['/usr/bin/perl', 'perl -CSDe print app.txt', null],
  ['/usr/bin/perl', 'perl -d:Trace app.pl', 'app.pl'],
  ['/usr/bin/perl', 'perl -e print -I lib app.txt', null],
  ['/usr/bin/ruby3.1', 'ruby -w -I lib -r json -W0 app.rb', 'app.rb'],
  ['/usr/bin/ruby3.1', 'ruby -e puts app.rb', null],
  ['/usr/bin/ruby3.1', 'ruby -Ilib -rjson --encoding utf-8 app.rb', 'app.rb'],
  ['/usr/bin/php8.2', 'php -d a=b app.php', 'app.php'],
  ['/usr/bin/php8.2', 'php -f app.php b.php', 'app.php'],
  ['/usr/bin/php8.2', 'php -r echo app.php', null],
  ['/usr/bin/php8.2', 'php -S 127.0.0.1:80 -t public router.php', 'router.php'],
  ['/usr/bin/bash', 'bash app.sh', 'app.sh'],
  ['/usr/bin/bash', '-bash', null],
  ['/usr/bin/bash', 'bash -e -o pipefail app.sh -c x', 'app.sh'],
  ['/usr/bin/bash', 'bash -eo pipefail app.sh', 'app.sh'],
  ['/usr/bin/bash', 'bash --rcfile rc +x app.sh', 'app.sh'],
  ['/usr/bin/bash', 'bash -c true app.sh', null],
  ['/usr/bin/bash', 'bash -lc true app.sh', null],
  ['/usr/bin/bash', 'bash -s app.sh', null],
  ['/usr/bin/bash', 'bash - app.sh', 'app.sh'],
  ['/usr/bin/dash', 'sh -e /etc/init.d/app start', '/etc/init.d/app'],
  ['/usr/bin/zsh', 'zsh -f app.zsh', 'app.zsh'],
  ['/usr/bin/busybox', 'sh /opt/app.sh', '/opt/app.sh'],
  ['/usr/bin/busybox', 'busybox sh -e /opt/app.sh', '/opt/app.sh'],
  ['/usr/bin/busybox', 'busybox cat /opt/app.sh', null],
  ['/usr/bin/busybox', 'cat /opt/app.sh', null],
  ['/usr/bin/java', 'java -Xmx1g -Da=b -jar app.jar -jar other.jar', 'app.jar'],
  ['/usr/bin/java', 'java -cp a.jar:b Main app.jar', null],
  ['/usr/bin/java', 'java Main.java', 'Main.java'],
  ['/usr/bin/java', 'java @arguments Main', null],
  ['/usr/sbin/nginx', 'nginx -c /etc/nginx.conf', null],
  ['/usr/bin/pythonic', 'pythonic app.py', null],
  ['/usr/bin/shellcheck', 'shellcheck app.sh', null],
]

describe('the script in a command line', () => {
  for (const [executable, line, script] of scripts) {
    it(`${executable}: ${line} → ${script ?? 'none'}`, () => {
      assert.equal(scriptArgument(executable, line.split(' ')), script)
    })
  }
})

function parse(executable: string, line: string) {
  const command = line.split(' ')
  const interpreter = interpreterOf(executable, command)
  assert.ok(interpreter)
  const { module, texts, includes, preloads } = parseCommand(interpreter, command)
  return { module, texts, includes, preloads }
}

describe('what else a command line says', () => {
  const none = { module: null, texts: [], includes: [], preloads: [] }
  it('the module that is the program', () => {
    assert.deepEqual(parse('/usr/bin/python3', 'python3 -um a.b -m c'), { ...none, module: 'a.b' })
    assert.deepEqual(parse('/usr/bin/java', 'java -cp a.jar:b -p c a.Main'), {
      ...none,
      module: 'a.Main',
      includes: ['a.jar:b', 'c'],
    })
  })

  it('what is loaded first, and where modules are looked for', () => {
    assert.deepEqual(parse('/usr/bin/node', 'node -r a --import=b --loader c d'), {
      ...none,
      preloads: ['a', 'b', 'c'],
    })
    assert.deepEqual(parse('/usr/bin/perl', 'perl -I a -Ib -MC=d -mE f'), {
      ...none,
      includes: ['a', 'b'],
      preloads: ['C=d', 'E'],
    })
    assert.deepEqual(parse('/usr/bin/ruby', 'ruby -Ia -I b -rc -r d e'), {
      ...none,
      includes: ['a', 'b'],
      preloads: ['c', 'd'],
    })
  })

  it('program text', () => {
    assert.deepEqual(parse('/usr/bin/python3', 'python3 -c import_a -m b'), { ...none, texts: ['import_a'] })
    assert.deepEqual(parse('/usr/bin/bash', 'bash -ec text name'), { ...none, texts: ['text'] })
    assert.deepEqual(parse('/usr/bin/perl', 'perl -e a -e b c'), { ...none, texts: ['a', 'b'] })
  })
})
