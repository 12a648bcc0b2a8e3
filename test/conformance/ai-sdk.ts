import { generateText, stepCountIs, streamText, tool } from 'ai'
import type { LanguageModel } from 'ai'
import { expect } from 'vitest'
import { z } from 'zod'
import type { FakeProvider } from '../../src/testing/index.ts'

/** Has the AI SDK run a tool loop, and read a stream, with a model that a fake vendor answers for. */
export async function loopsAndStreams(model: LanguageModel, fake: FakeProvider): Promise<void> {
  fake.say({ steps: [{ toolCall: { id: 'call_1', name: 'weather', arguments: '{"city":"Rome"}' } }] })
  fake.say({ steps: [{ text: 'Sunny' }] })
  const { text, steps } = await generateText({
    model,
    prompt: 'Weather?',
    stopWhen: stepCountIs(3),
    tools: {
      weather: tool({ inputSchema: z.object({ city: z.string() }), execute: ({ city }) => `sunny in ${city}` }),
    },
  })
  expect(text).toBe('Sunny')
  expect(steps).toHaveLength(2)
  fake.say({ steps: [{ text: ['Hel', 'lo'] }], usage: { input: 4, output: 2 } })
  const streamed = streamText({ model, prompt: 'Hi' })
  expect(await streamed.text).toBe('Hello')
  expect(await streamed.finishReason).toBe('stop')
  expect(await streamed.usage).toMatchObject({ inputTokens: 4, outputTokens: 2 })
}
