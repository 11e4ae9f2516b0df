/** What a `package.json` says of where its modules are (Node.js, Modules: Packages). */
export interface NodePackage {
  name: string | null
  main: string | null
  exports: unknown
  imports: unknown
}

/** Null where the text is no JSON object. */
export function parsePackage(text: string): NodePackage | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (!isObject(value)) return null
  const { name, main, exports, imports } = value
  return {
    name: typeof name === 'string' ? name : null,
    main: typeof main === 'string' ? main : null,
    exports: exports ?? null,
    imports: imports ?? null,
  }
}

/**
 * The path in the package that a name stands for: `.`, `./sub` in `exports`, `#name` in `imports`. Null where there is none.
 * `way`: whether it is imported or required.
 */
export function packageTarget(map: unknown, name: string, way: 'import' | 'require'): string | null {
  const isTable = isObject(map) && Object.keys(map).some((key) => key.startsWith('.') || key.startsWith('#'))
  if (!isTable) return name === '.' ? target(map, way, '', 0) : null
  if (Object.hasOwn(map, name)) return target(map[name], way, '', 0)
  const patterns = Object.keys(map).filter((key) => {
    const [before = '', after] = key.split('*')
    return after !== undefined && name.startsWith(before) && name.endsWith(after) && name.length >= key.length
  })
  const best = patterns.sort((a, b) => b.indexOf('*') - a.indexOf('*'))[0]
  if (best === undefined) return null
  const [before = '', after = ''] = best.split('*')
  return target(map[best], way, name.slice(before.length, name.length - after.length), 0)
}

const deepest = 20

function target(value: unknown, way: string, filling: string, depth: number): string | null {
  if (typeof value === 'string') return value.replaceAll('*', () => filling)
  if (depth > deepest) return null
  const choices = Array.isArray(value)
    ? (value as unknown[])
    : isObject(value)
      ? Object.keys(value)
          .filter((key) => [way, 'node', 'module-sync', 'node-addons', 'default'].includes(key))
          .map((key) => value[key])
      : []
  for (const choice of choices) {
    const found = target(choice, way, filling, depth + 1)
    if (found !== null) return found
  }
  return null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
