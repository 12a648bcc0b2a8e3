/** byok in process, in its own model of a chat. Run: `npx tsx examples/chat.ts [MODEL]` */
import { createByok } from 'byok'
import type { ChatInput } from 'byok'

const byok = await createByok()
const request: ChatInput = {
  model: process.argv[2] ?? 'gpt-6.1-sol',
  messages: [{ role: 'user', content: 'Say hello in three languages.' }],
}

const { choices, usage } = await byok.chat(request)
console.log(choices[0]?.content, usage)

for await (const event of byok.stream(request)) {
  if (event.type === 'text') process.stdout.write(event.text)
}
await byok.close()
