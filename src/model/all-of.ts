/** Waits for all of them, also where one rejects, and only then answers or rejects: nothing goes on behind the caller's back. */
export async function allOf<Value>(promises: Promise<Value>[]): Promise<Value[]> {
  await Promise.allSettled(promises)
  return Promise.all(promises)
}
