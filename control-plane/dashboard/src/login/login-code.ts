const CODE = /^#code=([A-Za-z0-9_-]{1,100})$/

/** Whether the address brought a login code. */
export function hasCode(): boolean {
  return CODE.test(location.hash)
}

/** Takes the code out of the address, so that neither history nor a copied address holds it. */
export function takeCode(): string | undefined {
  const code = CODE.exec(location.hash)?.[1]
  if (code !== undefined) history.replaceState(history.state, '', location.pathname + location.search)
  return code
}
