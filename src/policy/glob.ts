/** Says what is wrong with a pattern, for a person. */
export class PatternError extends Error {}

/** Answers whether a text is as a pattern says. */
export type Glob = (text: string) => boolean

/** A part of a pattern: which characters it takes, and whether it takes one, or any number of them. */
interface Part {
  takes: (character: string) => boolean
  any: boolean
}

/**
 * A pattern as a shell and systemctl know them (glob(7)): `*` any text, `?` any character, `[a-c]` and `[!a-c]` one out of
 * these or none of these, a backslash before what is meant as it stands. None of them goes beyond a `/`, but for `**`.
 * Throws PatternError.
 */
export function compileGlob(pattern: string): Glob {
  if (pattern === '') throw new PatternError('it is empty')
  const parts: Part[] = []
  const characters = Array.from(pattern)
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]
    if (character === '*') {
      const crosses = characters[at + 1] === '*'
      parts.push({ takes: crosses ? () => true : isNoSlash, any: true })
      if (crosses) at++
    } else if (character === '?') parts.push({ takes: isNoSlash, any: false })
    else if (character === '[') {
      const end = endOfSet(characters, at)
      parts.push({ takes: setOf(characters.slice(at + 1, end).join('')), any: false })
      at = end
    } else if (character === '{' || character === '}') {
      throw new PatternError(`it has ${character}, which is not known here: write one pattern for each`)
    } else {
      if (character === '\\') at++
      const meant = characters[at]
      if (meant === undefined) throw new PatternError('it ends in a backslash')
      parts.push({ takes: (one) => one === meant, any: false })
    }
  }
  return (text) => matches(parts, text)
}

/**
 * In time that grows with the lengths of both, whatever they hold: the paths of programs are chosen by their users. A regular
 * expression with five stars takes half a minute for one of 255 characters.
 */
function matches(parts: Part[], text: string): boolean {
  let places = withSkipped(parts, new Set([0]))
  for (const character of text) {
    const next = new Set<number>()
    for (const place of places) {
      const part = parts[place]
      if (part?.takes(character)) next.add(part.any ? place : place + 1)
    }
    if (next.size === 0) return false
    places = withSkipped(parts, next)
  }
  return places.has(parts.length)
}

/** And those that come after parts which may take nothing. */
function withSkipped(parts: Part[], places: Set<number>): Set<number> {
  for (const place of places) if (parts[place]?.any) places.add(place + 1)
  return places
}

function isNoSlash(character: string): boolean {
  return character !== '/'
}

/** Whether a text is meant as it stands. */
export function isLiteral(pattern: string): boolean {
  return !/[*?[\\]/.test(pattern)
}

/** A `]` that comes first is a member. */
function endOfSet(characters: string[], start: number): number {
  const first = start + (characters[start + 1] === '!' ? 2 : 1)
  const end = characters.indexOf(']', first + 1)
  if (end < 0) throw new PatternError('it has a [ without a ]')
  return end
}

function setOf(members: string): Part['takes'] {
  if (/\[[:.=]/.test(members)) {
    throw new PatternError('it has a class like [:digit:], which is not known here: [0-9] is')
  }
  const negated = members.startsWith('!')
  const listed = (negated ? members.slice(1) : members).replace(/[\\\]^[]/g, '\\$&')
  try {
    const expression = new RegExp(`^[${negated ? '^' : ''}${listed}]$`, 'su')
    return (character) => isNoSlash(character) && expression.test(character)
  } catch {
    throw new PatternError('it has a range that ends before it begins')
  }
}
