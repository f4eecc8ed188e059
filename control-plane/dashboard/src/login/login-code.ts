const CODE = /^#code=([A-Za-z0-9_-]{1,100})$/

let held: string | undefined

/** Whether the address brought a login code; it is taken out, so that neither history nor a copied address holds it. */
export function hasCode(): boolean {
  const code = CODE.exec(location.hash)?.[1]
  if (code !== undefined) {
    held = code
    history.replaceState(history.state, '', location.pathname + location.search)
  }
  return held !== undefined
}

/** Hands the code over, once. */
export function takeCode(): string | undefined {
  hasCode()
  const code = held
  held = undefined
  return code
}
