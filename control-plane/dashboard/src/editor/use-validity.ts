import { type RefCallback, useEffect, useState } from 'react'

type Input = HTMLInputElement | HTMLTextAreaElement

/** A ref for an input whose form is not to be sent as long as something is wrong with what is written there. */
export function useValidity<Element extends Input>(fault: string | undefined): RefCallback<Element> {
  const [input, setInput] = useState<Element | null>(null)
  useEffect(() => input?.setCustomValidity(fault ?? ''), [input, fault])
  return setInput
}

/** Whether everything in a part of a page can be read; if not, it goes to the first input that cannot. */
export function allReadable(part: ParentNode | null): boolean {
  const input = part?.querySelector<Input>(':is(input, textarea):invalid')
  if (!input) return true
  const folded = input.closest('details')
  if (folded) folded.open = true
  input.reportValidity()
  return false
}
