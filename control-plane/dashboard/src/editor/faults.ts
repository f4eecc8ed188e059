/** Hints stand below, so that inputs side by side are level. */
export const ORDER: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error']

/** What stands around an input. */
export interface Words {
  label: string
  description: string | undefined
  error: string | undefined
  inputWrapperOrder: typeof ORDER
  withAsterisk?: boolean
}

/** What is wrong with a place or anything in it. */
export function faultAt(faults: ReadonlyMap<string, string>, pointer: string): string | undefined {
  for (const [at, detail] of faults) if (at === pointer || at.startsWith(`${pointer}/`)) return detail
  return undefined
}
