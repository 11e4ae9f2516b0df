import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { manifestClassPath } from '../../../src/detection/scripts/java-archive.ts'
import { languageOf } from '../../../src/detection/scripts/languages.ts'
import { packageTarget } from '../../../src/detection/scripts/node-package.ts'
import { nodeImports } from '../../../src/detection/scripts/node-source.ts'
import { perlReferences } from '../../../src/detection/scripts/perl-source.ts'
import { phpReferences } from '../../../src/detection/scripts/php.ts'
import { pythonImports } from '../../../src/detection/scripts/python-source.ts'
import { rubyReferences } from '../../../src/detection/scripts/ruby.ts'
import { shellReferences } from '../../../src/detection/scripts/shell.ts'

const scanners = { pythonImports, nodeImports, perlReferences, phpReferences, rubyReferences, shellReferences }

type Scan = (source: string) => Generator<void, string[]>

function scanned(scan: Scan, source: string): string[] {
  const work = scan(source)
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}

function table(title: string, scan: Scan, rows: [string, string[]][]) {
  describe(title, () => {
    for (const [source, references] of rows) {
      it(JSON.stringify(source), () => {
        assert.deepEqual(scanned(scan, source), references)
      })
    }
  })
}

table('what Python imports', pythonImports, [
  ['import a', ['a']],
  ['import a.b as c, d; import e', ['a.b', 'd', 'e']],
  ['from a.b import c, d as e', ['a.b', 'a.b.c', 'a.b.d']],
  ['from a import (b, # c\n  d,\n)', ['a', 'a.b', 'a.d']],
  ['from a import *', ['a']],
  ['from . import a', ['.', '.a']],
  ['from ..a import b', ['..a', '..a.b']],
  ['def f():\n\timport a', ['a']],
  ['try: import a\nexcept: pass', ['a']],
  ['import a, \\\n  b', ['a', 'b']],
  ['# import a', []],
  ['"""\nimport a\n"""\nimport b', ['b']],
  ["x = 'a\\'\\\nimport a'\nimport b", ['b']],
  ["x = '''it's\nimport a'''", []],
  ['important = 1\nfrom_a = 2', []],
])

table('what JavaScript loads', nodeImports, [
  ["const a = require('./a')", ['require:./a']],
  ['import a from "./a.js"', ['import:./a.js']],
  ["import a, { b,\n c as d } from './a'", ['import:./a']],
  ["import * as a from 'a'", ['import:a']],
  ["import './a'", ['import:./a']],
  ["import'./a';import{b}from'./b'", ['import:./a', 'import:./b']],
  ["export * from './a'\nexport { b } from './b'", ['import:./a', 'import:./b']],
  ["await import('./a')", ['import:./a']],
  ['require(`./a`)', ['require:./a']],
  ['require(`./${a}`)', []],
  ["new Worker(new URL('./a.js', import.meta.url))", ['import:./a.js']],
  ["import type { A } from './a'", []],
  ["export type { A } from './a'\nimport { b } from './b'", ['import:./b']],
  ["import type from './a'", ['import:./a']],
  ["export const a = 1\nimport b from './b'", ['import:./b']],
  ["// require('./a')", []],
  ["/* import './a' */ require('./b')", ['require:./b']],
  ["const url = 'http://x'; require('./a')", ['require:./a']],
  ["const pattern = /'/; require('./a')", ['require:./a']],
])

table('what Perl loads', perlReferences, [
  ['use strict; use A::B;', ['module:strict', 'module:A::B']],
  ['use A qw(b c);\nrequire D;', ['module:A', 'module:D']],
  ['require \'a.pl\'; do "b.pl";', ['file:a.pl', 'file:b.pl']],
  ["use lib '/a', 'b'; use C;", ['lib:/a', 'lib:b', 'module:C']],
  ['use lib "$FindBin::Bin/../lib";', ['lib:$Bin/../lib']],
  ["use parent qw(A B);\nuse base 'C';", ['module:parent', 'module:A', 'module:B', 'module:base', 'module:C']],
  ["use parent -norequire, 'A';", ['module:parent']],
  ['use v5.36; use 5.010; no A;', []],
  ['# use A;\nuse B; # use C', ['module:B']],
  ['=head1\n\nuse A;\n\n=cut\nuse B;', ['module:B']],
  ['use A;\n__END__\nuse B;', ['module:A']],
])

table('what Ruby loads', rubyReferences, [
  ['require \'a/b\'\nrequire_relative "c"', ['require:a/b', 'require_relative:c']],
  ["load('a.rb')", ['load:a.rb']],
  ["autoload :A, 'a'", ['require:a']],
  ["# require 'a'\n=begin\nrequire 'b'\n=end\nrequire 'c'", ['require:c']],
  ["require 'a'\n__END__\nrequire 'b'", ['require:a']],
  ['require "a#{b}"', []],
])

table('what a shell reads in', shellReferences, [
  ['. /lib/a\nsource b.sh', ['/lib/a', 'b.sh']],
  ['[ -f /a ] && . /a || true', ['/a']],
  ['if true; then . "/a b"; fi', ['/a b']],
  ['. "$(dirname "$0")/a.sh"', ['$0/a.sh']],
  ['. $(dirname -- "${BASH_SOURCE[0]}")/a.sh', ['$BASH_SOURCE/a.sh']],
  ['. "${0%/*}/a.sh"', ['$0/a.sh']],
  ['source "${BASH_SOURCE%/*}/a.sh"', ['$BASH_SOURCE/a.sh']],
  ['. $HOME/a', []],
  ['# . /a\necho . /b', []],
  ['cd ./a; ./b', []],
])

table('what PHP includes', phpReferences, [
  ['<?php require \'a.php\'; include_once("b.php");', ['a.php', 'b.php']],
  ["<?php require __DIR__ . '/a.php';", ['./a.php']],
  ["<?php // require 'a.php'\n# require 'b.php'\n/* require 'c.php' */", []],
  ['<?php require "$a.php";', []],
])

describe('hostile sources', () => {
  const pieces = [
    'import ',
    'from ',
    'require(',
    "require('",
    '(',
    '"',
    "'",
    '"""',
    '`',
    '/*',
    '\\',
    ' ',
    '\n',
    'use ',
    '. ',
    '$(',
  ]
  for (const [name, scan] of Object.entries(scanners)) {
    it(`${name} takes no longer than its length explains`, () => {
      const long = pieces.map((piece) => piece.repeat(200_000 / piece.length))
      long.push(
        'import a from '.repeat(15_000),
        'from a import (\n'.repeat(12_000),
        "import {a} from 'b".repeat(10_000),
      )
      for (const source of long) {
        const start = performance.now()
        scanned(scan, source)
        const took = performance.now() - start
        assert.ok(took < 500, `${took} ms for ${JSON.stringify(source.slice(0, 20))}`)
      }
    })
  }
})

describe('the file that a package has for a name', () => {
  const rows: [unknown, string, 'import' | 'require', string | null][] = [
    ['./a.js', '.', 'import', './a.js'],
    [{ import: './a.mjs', require: './a.cjs' }, '.', 'require', './a.cjs'],
    [{ types: './a.d.ts', default: './a.js' }, '.', 'import', './a.js'],
    [{ '.': { node: { import: './a.mjs' } }, './b': './c.js' }, '.', 'import', './a.mjs'],
    [{ '.': './a.js', './b': './c.js' }, './b', 'import', './c.js'],
    [{ '.': './a.js' }, './b', 'import', null],
    [{ './x/*': './lib/*.js', './*': './*.js' }, './x/y', 'import', './lib/y.js'],
    [{ './*': ['./lib/*.js'] }, './$&', 'import', './lib/$&.js'],
    [{ '#a': { default: './a.js' } }, '#a', 'import', './a.js'],
    [{ '.': null }, '.', 'import', null],
  ]
  for (const [map, name, way, path] of rows) {
    it(`${JSON.stringify(map)} ${name} ${way} → ${path}`, () => {
      assert.equal(packageTarget(map, name, way), path)
    })
  }
})

describe('the class path in a manifest', () => {
  const manifest = 'Manifest-Version: 1.0\r\nClass-Path: a.jar lib/b\r\n .jar\r\n\r\n'
  const entry = (name: string, content: Buffer, method: number, length: number) => {
    const header = Buffer.alloc(30)
    header.writeUInt32LE(0x04034b50, 0)
    header.writeUInt16LE(method, 8)
    header.writeUInt32LE(length, 18)
    header.writeUInt16LE(name.length, 26)
    return Buffer.concat([header, Buffer.from(name), content])
  }
  const directory = entry('META-INF/', Buffer.alloc(0), 0, 0)
  const packed = deflateRawSync(manifest)

  it('stored, packed, and packed with a length that comes later', () => {
    const name = 'META-INF/MANIFEST.MF'
    for (const archive of [
      entry(name, Buffer.from(manifest), 0, manifest.length),
      entry(name, packed, 8, packed.length),
      entry(name, Buffer.concat([packed, Buffer.from('PK and more')]), 8, 0),
    ]) {
      assert.deepEqual(manifestClassPath(Buffer.concat([directory, archive])), ['a.jar', 'lib/b.jar'])
    }
  })

  it('none in what is no archive, or broken', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(100), Buffer.from('#!/bin/sh'), directory.subarray(0, 20)]) {
      assert.deepEqual(manifestClassPath(bytes), [])
    }
    assert.deepEqual(manifestClassPath(entry('META-INF/MANIFEST.MF', Buffer.from('no deflate'), 8, 10)), [])
    const bomb = deflateRawSync(Buffer.alloc(10_000_000))
    assert.deepEqual(manifestClassPath(entry('META-INF/MANIFEST.MF', bomb, 8, bomb.length)), [])
  })
})

describe('the language of a file', () => {
  it('goes by its name', () => {
    const rows = {
      '/a/b.py': 'python',
      '/a/b.mjs': 'node',
      '/a/b.pm': 'perl',
      '/a.d/b': 'shell',
      '/a/.profile': 'shell',
    }
    for (const [path, language] of Object.entries(rows)) assert.equal(languageOf(path), language)
    for (const path of ['/a/b.so', '/a/b.so.1', '/a/b.conf']) assert.equal(languageOf(path), null)
  })
})
