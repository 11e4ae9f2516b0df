const tag = '$bigint'
/** The tag, and the keys that `encodeJson` made out of keys that looked like it. */
const tagLike = /^\$+bigint$/

type JsonObject = Record<string, unknown>

/**
 * JSON that keeps bigints: 12n is `{"$bigint":"12"}`. A key of the value that looks like the tag itself gets one more
 * `$` in front, so that every JSON value comes back as it was.
 */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value, function (this: JsonObject, key: string, converted: unknown): unknown {
    // Not `converted`: a program may have given BigInt a toJSON of its own.
    const raw = this[key]
    if (typeof raw === 'bigint') return { [tag]: String(raw) }
    return renamed(converted, (name) => `$${name}`)
  })
}

/** The value that `encodeJson` was given. Throws SyntaxError where the text is no JSON. */
export function decodeJson(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => {
    if (isObject(value) && Object.hasOwn(value, tag)) return BigInt(value[tag] as string)
    return renamed(value, (name) => name.slice(1))
  })
}

function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (!isObject(value) || !Object.keys(value).some((key) => tagLike.test(key))) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [tagLike.test(key) ? rename(key) : key, item]))
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
