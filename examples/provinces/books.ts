/** What a province has booked in one day: amounts in cents, by order. */
export interface Books {
  orders: ReadonlyMap<string, number>
  payments: ReadonlyMap<string, number>
}

const ORDERS = 200
/** What somebody booked wrongly: one payment of these provinces. */
const WRONG: Readonly<Record<string, number>> = { chongqing: 17, anhui: 108 }

/** Stands for two queries: the orders of a day, and what was paid for them. */
export async function readBooks(province: string, day: string, signal: AbortSignal): Promise<Books> {
  await new Promise((resolve) => setImmediate(resolve))
  signal.throwIfAborted()
  const orders = new Map<string, number>()
  for (let number = 0; number < ORDERS; number++) orders.set(`${province}-${day}-${number}`, 1000 + number)
  const payments = new Map(orders)
  const wrong = WRONG[province]
  if (wrong !== undefined) payments.set(`${province}-${day}-${wrong}`, 1)
  return { orders, payments }
}

/** Orders that were not paid, or not with their amount. */
export function differences({ orders, payments }: Books): string[] {
  return [...orders].filter(([order, amount]) => payments.get(order) !== amount).map(([order]) => order)
}
