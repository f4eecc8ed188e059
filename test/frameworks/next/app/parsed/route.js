import { next } from '@cronclave/sdk/next'
import { executor } from '../../executor.js'

const { POST: answer } = next(executor)

export async function POST(request) {
  await request.json()
  return answer(request)
}
