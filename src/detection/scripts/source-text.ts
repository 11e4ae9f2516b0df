/** What is no code in a language. All of this takes time in proportion to the text, whatever is in it. */
export interface TextSyntax {
  /** Comments up to the end of the line. */
  lineComment: RegExp
  /** Comments between two marks. */
  blockComment?: readonly [string, string]
  /** Marks that strings stand between, the longer before the shorter. */
  quotes: readonly string[]
  /** Strings of these quotes go on over the end of a line. */
  multiline: readonly string[]
  keepStrings: boolean
}

/** So many comments, strings or matches are looked at between two yields: well under a millisecond. */
const stride = 500

/** Calls `use` for every match, in their order. Yields in between. */
export function* eachMatch(
  text: string,
  pattern: RegExp,
  use: (match: RegExpExecArray) => void,
): Generator<void, void> {
  let count = 0
  for (const match of text.matchAll(pattern)) {
    use(match)
    if (++count % stride === 0) yield
  }
}

/** Answers the text without comments, and without what is in strings unless these are kept. Lines stay lines. */
export function commentRemover(syntax: TextSyntax): (text: string) => Generator<void, string> {
  const { lineComment, blockComment, quotes, multiline, keepStrings } = syntax
  const marks = [...(blockComment ? [blockComment[0]] : []), ...quotes].map(escape)
  const starts = new RegExp([lineComment.source, ...marks].map((source) => `(?:${source})`).join('|'), 'gm')
  const ends = new Map(
    quotes.map((quote) => [quote, new RegExp(`\\\\${multiline.includes(quote) ? '' : '|\\n'}|${escape(quote)}`, 'g')]),
  )
  return function* (text) {
    const parts: string[] = []
    let at = 0
    for (let match = next(starts, text, 0); match; match = next(starts, text, at)) {
      const mark = match[0]
      const inside = match.index + mark.length
      const end = ends.get(mark)
      parts.push(text.slice(at, match.index))
      if (end) {
        at = endOfString(text, inside, end)
        parts.push(keepStrings ? text.slice(match.index, at) : '""')
      } else {
        at = mark === blockComment?.[0] ? after(text, inside, blockComment[1]) : endOfLine(text, match.index + 1)
        parts.push(' ')
      }
      if (parts.length % stride === 0) yield
    }
    parts.push(text.slice(at))
    return parts.join('')
  }
}

function next(pattern: RegExp, text: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from
  return pattern.exec(text)
}

function after(text: string, from: number, mark: string): number {
  const end = text.indexOf(mark, from)
  return end < 0 ? text.length : end + mark.length
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}

/** `end` matches a backslash, the closing quote, and the end of the line where that ends the string too. */
function endOfString(text: string, from: number, end: RegExp): number {
  let at = from
  for (let match = next(end, text, at); match; match = next(end, text, at)) {
    if (match[0] === '\n') return match.index
    at = match.index + match[0].length
    if (match[0] !== '\\') return at
    at += 1
  }
  return text.length
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
