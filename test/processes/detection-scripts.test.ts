import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { describe, it } from 'node:test'
import { Sources, startScript, without } from '../support/scripts.ts'

const python = 'import sys\nprint("ready", flush=True)\nsys.stdin.read()\n'
const node = "process.stdin.resume()\nconsole.log('ready')\n"
const perl = '$| = 1; print "ready\\n"; my @all = <STDIN>;\n'
const shell = 'echo ready\nread -r line\n:\n'
const ruby = "$stdout.sync = true\nputs 'ready'\n$stdin.read\n"

describe('programs in Python', { skip: without('python3') }, () => {
  it('are their script, its modules and packages, and the byte code of these', async () => {
    using sources = new Sources().add({
      'app.py': `import helper\nfrom pkg import sub\nif False: from pkg.other import thing\n# import unused\n${python}`,
      'helper.py': '"""\nimport unused\n"""\n',
      'pkg/__init__.py': '',
      'pkg/sub.py': 'from . import deep\nfrom .beside import name\n',
      'pkg/deep.py': '',
      'pkg/beside/__init__.py': 'name = 1\n',
      'pkg/other.py': '',
      'unused.py': '',
      'elsewhere/app.py': '',
      'elsewhere/helper.py': '',
    })
    await using app = await startScript(['python3', sources.path('app.py')])
    const used = sources.usedBy(app.pid)
    const code = used.filter((name) => name.endsWith('.pyc')).map((name) => name.replace(/\.cpython-\d+\.pyc$/, ''))
    assert.deepEqual(
      used.filter((name) => !name.endsWith('.pyc')),
      ['app.py', 'helper.py', 'pkg/__init__.py', 'pkg/beside/__init__.py', 'pkg/deep.py', 'pkg/other.py', 'pkg/sub.py'],
    )
    if (process.env['PYTHONDONTWRITEBYTECODE'] === undefined) {
      assert.deepEqual(code, [
        '__pycache__/helper',
        'pkg/__pycache__/__init__',
        'pkg/__pycache__/deep',
        'pkg/__pycache__/sub',
        'pkg/beside/__pycache__/__init__',
      ])
    }
  })

  it('may be a module or package: -m', async () => {
    using sources = new Sources().add({
      'pkg/__init__.py': '',
      'pkg/__main__.py': `from . import part\n${python}`,
      'pkg/part.py': '',
      'pkg/tool.py': python,
    })
    await using whole = await startScript(['python3', '-um', 'pkg', 'pkg/tool.py'], { cwd: sources.root })
    await using tool = await startScript(['python3', '-m', 'pkg.tool'], { cwd: sources.root })
    const names = ['pkg/__init__.py', 'pkg/__main__.py', 'pkg/part.py', 'pkg/tool.py']
    assert.deepEqual(sources.usedBy(whole.pid, names), ['pkg/__init__.py', 'pkg/__main__.py', 'pkg/part.py'])
    assert.deepEqual(sources.usedBy(tool.pid, names), ['pkg/__init__.py', 'pkg/tool.py'])
  })

  it('may be a directory, and text that imports modules', async () => {
    using sources = new Sources().add({ 'app/__main__.py': `import part\n${python}`, 'app/part.py': '', 'part.py': '' })
    await using directory = await startScript(['python3', 'app'], { cwd: sources.root })
    await using text = await startScript(['python3', '-c', `import part\n${python}`, 'app/part.py'], {
      cwd: sources.root,
    })
    const names = ['app/__main__.py', 'app/part.py', 'part.py']
    assert.deepEqual(sources.usedBy(directory.pid, names), ['app/__main__.py', 'app/part.py'])
    assert.deepEqual(sources.usedBy(text.pid, names), ['part.py'])
  })

  it('find modules by PYTHONPATH, and not with -I', async () => {
    using sources = new Sources().add({
      'app.py': python.replace('sys', 'sys\ntry: import part\nexcept: pass'),
      'lib/part.py': '',
    })
    const environment = { PYTHONPATH: `/nowhere:${sources.path('lib')}` }
    await using app = await startScript(['python3', sources.path('app.py')], { environment })
    await using isolated = await startScript(['python3', '-I', sources.path('app.py')], { environment })
    assert.deepEqual(sources.usedBy(app.pid, ['app.py', 'lib/part.py']), ['app.py', 'lib/part.py'])
    assert.deepEqual(sources.usedBy(isolated.pid, ['app.py', 'lib/part.py']), ['app.py'])
  })

  it('find modules in their virtual environment, and where its .pth files lead', async () => {
    using sources = new Sources().add({ 'app.py': `import installed, linked\n${python}`, 'src/linked.py': '' })
    execFileSync('python3', ['-m', 'venv', '--without-pip', sources.path('venv')])
    const site = execFileSync(sources.path('venv/bin/python'), [
      '-c',
      'import site; print(site.getsitepackages()[0], end="")',
    ])
    const library = String(site).slice(sources.root.length + 1)
    sources.add({ [`${library}/installed.py`]: '', [`${library}/linked.pth`]: `${sources.path('src')}\n` })
    const names = ['app.py', `${library}/installed.py`, 'src/linked.py']
    await using app = await startScript([sources.path('venv/bin/python'), sources.path('app.py')])
    assert.deepEqual(sources.usedBy(app.pid, names), [...names].sort())
    const environment = { PATH: `${sources.path('venv/bin')}:${process.env['PATH']}` }
    await using activated = await startScript(['python', sources.path('app.py')], { environment })
    assert.deepEqual(sources.usedBy(activated.pid, names), [...names].sort())
  })

  it('read the standard library', async () => {
    using sources = new Sources().add({ 'app.py': `import json\n${python}` })
    const decoder = String(execFileSync('python3', ['-c', 'import json.decoder as d; print(d.__file__, end="")']))
    symlinkSync(decoder, sources.path('decoder.py'))
    await using app = await startScript(['python3', sources.path('app.py')])
    assert.deepEqual(sources.usedBy(app.pid, ['app.py', 'decoder.py']), ['app.py', 'decoder.py'])
  })
})

describe('programs in JavaScript', () => {
  it('are their script, and what it requires and imports', async () => {
    using sources = new Sources().add({
      'app.mjs': `import { a } from './a.js'\nexport * from './b.mjs'\nawait import('./c.cjs')\nimport 'one'\nimport 'two/sub'\n// import './unused.js'\n${node}`,
      'a.js': 'exports.a = 1; require("./data"); require("./folder"); require("three")\n',
      'b.mjs': "import '#inner'\n",
      'inner.mjs': '',
      'c.cjs': '',
      'data.json': '{}',
      'folder/index.js': '',
      'package.json': JSON.stringify({ imports: { '#inner': './inner.mjs' } }),
      'unused.js': '',
      'node_modules/one/package.json': JSON.stringify({ exports: { import: './esm.mjs', require: './cjs.js' } }),
      'node_modules/one/esm.mjs': '',
      'node_modules/one/cjs.js': '',
      'node_modules/two/package.json': JSON.stringify({ exports: { './*': { default: './lib/*.js' } } }),
      'node_modules/two/lib/sub.js': '',
      'node_modules/three/package.json': JSON.stringify({ main: 'lib/main' }),
      'node_modules/three/lib/main.js': '',
    })
    await using app = await startScript([process.execPath, sources.path('app.mjs')])
    const used = ['a.js', 'app.mjs', 'b.mjs', 'c.cjs', 'data.json', 'folder/index.js', 'inner.mjs']
    const packages = ['one/esm.mjs', 'three/lib/main.js', 'two/lib/sub.js'].map((name) => `node_modules/${name}`)
    assert.deepEqual(sources.usedBy(app.pid), [...used, ...packages].sort())
  })

  it('load what comes first, and find modules by NODE_PATH', async () => {
    using sources = new Sources().add({
      'package.json': JSON.stringify({ main: 'app' }),
      'app.js': `require('shared')\n${node}`,
      'first.cjs': '',
      'second.mjs': '',
      'option.cjs': '',
      'lib/shared.js': '',
    })
    const environment = { NODE_PATH: sources.path('lib'), NODE_OPTIONS: '--require ./option.cjs' }
    const command = [process.execPath, '--require', './first.cjs', '--import=./second.mjs', '.']
    await using app = await startScript(command, { cwd: sources.root, environment })
    assert.deepEqual(sources.usedBy(app.pid), ['app.js', 'first.cjs', 'lib/shared.js', 'option.cjs', 'second.mjs'])
  })

  it('are TypeScript, without what is only a type', async () => {
    using sources = new Sources().add({
      'app.ts': `import type { A } from './types.ts'\nimport { b } from './b.ts'\nconst a: A = b\n${node}`,
      'types.ts': 'export type A = number\n',
      'b.ts': 'export const b = 1\n',
      'package.json': '{"type":"module"}',
    })
    const command = [process.execPath, '--disable-warning=ExperimentalWarning', sources.path('app.ts')]
    await using app = await startScript(command)
    assert.deepEqual(sources.usedBy(app.pid), ['app.ts', 'b.ts'])
  })
})

describe('programs in Perl', { skip: without('perl') }, () => {
  it('are their script, and what it uses by @INC', async () => {
    using sources = new Sources().add({
      'bin/app.pl': `use strict;\nuse FindBin;\nuse lib "$FindBin::Bin/../lib";\nuse A::B;\nrequire "$FindBin::Bin/part.pl";\n# use Unused;\n${perl}`,
      'bin/part.pl': '1;\n',
      'lib/A/B.pm': 'package A::B; use C; use D; 1;\n',
      'more/C.pm': 'package C; 1;\n',
      'variable/D.pm': 'package D; 1;\n',
      'more/Unused.pm': '1;\n',
    })
    const environment = { PERL5LIB: sources.path('variable') }
    await using app = await startScript(['perl', '-I', 'more', 'bin/app.pl'], { cwd: sources.root, environment })
    const used = ['bin/app.pl', 'bin/part.pl', 'lib/A/B.pm', 'more/C.pm', 'variable/D.pm']
    assert.deepEqual(sources.usedBy(app.pid), used)
  })
})

describe('programs of a shell', () => {
  for (const program of ['sh', 'bash']) {
    it(`are their script, and what it reads in (${program})`, { skip: without(program) }, async () => {
      using sources = new Sources()
      sources.add({
        'app.sh': `. ${sources.path('one')}\n. "$(dirname "$0")/two.sh"\n# . ${sources.path('unused')}\n${shell}`,
        one: `. '${sources.path('three.sh')}'\n`,
        'two.sh': '',
        'three.sh': '',
        unused: '',
      })
      await using app = await startScript([program, '-e', sources.path('app.sh')])
      assert.deepEqual(sources.usedBy(app.pid), ['app.sh', 'one', 'three.sh', 'two.sh'])
    })
  }

  it('are named by a descriptor where they were executed by one', { skip: without('bash') }, async () => {
    using sources = new Sources().add({ 'app.sh': shell, 'other.sh': '' })
    const command = ['bash', '-c', `exec bash /dev/fd/7 7<'${sources.path('app.sh')}'`]
    await using app = await startScript(command)
    assert.deepEqual(sources.usedBy(app.pid), ['app.sh'])
  })
})

describe('programs in Ruby', { skip: without('ruby') }, () => {
  it('are their script, and what it requires', async () => {
    using sources = new Sources().add({
      'app.rb': `require_relative 'part'\nrequire 'a/b'\n# require 'unused'\n${ruby}`,
      'part.rb': '',
      'lib/a/b.rb': "require 'c'\n",
      'more/c.rb': '',
      'lib/unused.rb': '',
    })
    const environment = { RUBYLIB: sources.path('more') }
    await using app = await startScript(['ruby', '-I', 'lib', 'app.rb'], { cwd: sources.root, environment })
    assert.deepEqual(sources.usedBy(app.pid), ['app.rb', 'lib/a/b.rb', 'more/c.rb', 'part.rb'])
  })
})

describe('programs in Java', { skip: without('java', 'javac', 'jar') }, () => {
  const main =
    'public class Main { public static void main(String[] a) throws Exception { System.out.println("ready"); System.in.read(); } }'

  it('are their archives, those named in their manifests, and those of the class path', async () => {
    using sources = new Sources().add({
      'Main.java': main,
      manifest: 'Main-Class: Main\nClass-Path: lib/a.jar\n',
      empty: '',
    })
    const run = (program: string, args: string[]) => execFileSync(program, args, { cwd: sources.root })
    run('javac', ['Main.java'])
    sources.directory('lib')
    for (const name of ['lib/a.jar', 'lib/b.jar', 'c.jar']) run('jar', ['-c', '-f', name, 'empty'])
    run('jar', ['-c', '-f', 'app.jar', '-m', 'manifest', 'Main.class'])
    await using archive = await startScript(['java', '-jar', 'app.jar', 'c.jar'], { cwd: sources.root })
    await using path = await startScript(['java', '-cp', 'c.jar:lib/*:.', 'Main'], { cwd: sources.root })
    const names = ['Main.class', 'Main.java', 'app.jar', 'c.jar', 'lib/a.jar', 'lib/b.jar']
    assert.deepEqual(sources.usedBy(archive.pid, names), ['app.jar', 'lib/a.jar'])
    assert.deepEqual(sources.usedBy(path.pid, names), ['Main.class', 'c.jar', 'lib/a.jar', 'lib/b.jar'])
  })
})
