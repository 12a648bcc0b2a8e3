/** byok as a Hono handler, on Node; the app is the same on every other runtime. Run: `npx tsx examples/hono.ts` */
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { createByok } from 'byok'
import { hono } from 'byok/adapters/hono'

const app = new Hono()
app.all('/ai/*', hono(await createByok(), { prefix: '/ai' }))
app.get('/', (context) => context.text('the app that was here before\n'))

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000), hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`listening at http://localhost:${port}/ai/v1`)
})
