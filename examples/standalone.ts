/** byok on a port of its own, from a program. Run: `npx tsx examples/standalone.ts` */
import { createByok } from 'byok'
import { listen } from 'byok/adapters/listen'

const byok = await createByok()
const { url } = await listen(byok, { port: Number(process.env.PORT ?? 8018) })
console.log(`listening at ${url}/v1`)
