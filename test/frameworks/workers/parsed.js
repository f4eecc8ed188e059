import worker from './worker.ts'

export default {
  async fetch(request, env, context) {
    await request.json()
    return worker.fetch(request, env, context)
  },
}
