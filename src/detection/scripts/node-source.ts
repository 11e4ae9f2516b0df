import { commentRemover, eachMatch } from './source-text.ts'

const withoutComments = commentRemover({
  lineComment: /(?<=^|[\s;,{}()])\/\//,
  blockComment: ['/*', '*/'],
  quotes: ['"', "'", '`'],
  multiline: ['`'],
  keepStrings: true,
})

/**
 * Words one after the other. An `import` or `export` makes what follows its `from` a module; one of types only is erased before
 * it runs. The names in between are passed over a word at a time.
 */
const word =
  /\brequire(?:\.resolve)?\s*\(\s*(['"`])([^'"`\n$]{1,1000})\1|\bimport\s*\(\s*(['"`])([^'"`\n$]{1,1000})\3|\bnew\s+URL\s*\(\s*(['"`])([^'"`\n$]{1,1000})\5\s*,\s*import\.meta\.url|\b(?:import|export)(\s+type\b(?!\s*(?:,|from\b)))?|\bfrom\s*(['"])([^'"\n]{1,1000})\8/g

const imported = /\s*(['"])([^'"\n]{1,1000})\1/y

/** How a module was asked for decides between the files that a package has for both ways. */
export type NodeReference = `import:${string}` | `require:${string}`

/** What JavaScript or TypeScript loads by a name that is written down, with the way it is loaded. */
export function* nodeImports(source: string): Generator<void, NodeReference[]> {
  const text = yield* withoutComments(source)
  const references = new Set<NodeReference>()
  let erased = false
  yield* eachMatch(text, word, (match) => {
    const [whole, , required, , dynamic, , address, typesOnly, , from] = match
    if (required !== undefined) references.add(`require:${required}`)
    else if (dynamic !== undefined) references.add(`import:${dynamic}`)
    else if (address !== undefined) references.add(`import:${address}`)
    else if (from !== undefined) {
      if (!erased) references.add(`import:${from}`)
      erased = false
    } else {
      erased = typesOnly !== undefined
      imported.lastIndex = match.index + whole.length
      const alone = imported.exec(text)?.[2]
      if (alone !== undefined) references.add(`import:${alone}`)
    }
  })
  return [...references]
}
