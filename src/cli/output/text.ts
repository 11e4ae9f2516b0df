/**
 * Text of others (names of processes, paths) made safe to show: control characters, which could move the cursor or change
 * the title of the terminal, are written as escapes, and so are the bytes of a path that are no UTF-8 (`pathFromBytes`).
 */
export function shown(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\udc80-\udcff]/gu,
    (character) => {
      const code = character.charCodeAt(0)
      return character === '\n' ? '\\n' : `\\x${(code >= 0xdc80 ? code - 0xdc00 : code).toString(16).padStart(2, '0')}`
    },
  )
}

/** `1 file`, `2 files`. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number} ${number === 1 ? singular : plural}`
}

/** `20 ms`, `1.5 s`. */
export function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`
}
