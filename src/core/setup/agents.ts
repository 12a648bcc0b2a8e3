import type { JsonObject } from '../json/json.ts'
import { mergeToml } from './edit-toml.ts'
import { mergeEnv, mergeYaml } from './edit.ts'
import { jsonOf, mergeJson } from './edit-json.ts'
import { claudeFolder, codexFolder, geminiFolder, piFolder, qwenFolder, xdgFolder } from './folders.ts'
import { claudeCodeModels } from './for-claude-code.ts'
import { withDroidModel } from './for-droid.ts'
import { forGeminiCli } from './for-gemini-cli.ts'
import { QWEN_KEY, withQwenModel } from './for-qwen-code.ts'
import { forCodex, forOpencode, forPi } from './model-facts.ts'
import { takeOutToml } from './take-out-toml.ts'
import { takeOutEnv, takeOutJson } from './take-out.ts'
import type { SetupContext, Tool } from './tool.ts'

/** Agents in a terminal; the source of each one's settings beside it. */
export const agents: Tool[] = [
  {
    name: 'claude-code',
    title: 'Claude Code',
    // code.claude.com/docs/en/llm-gateway and /settings: `env`, ANTHROPIC_BASE_URL, ANTHROPIC_AUTH_TOKEN, ANTHROPIC_MODEL.
    files: [
      {
        path: '.claude/settings.json',
        folder: claudeFolder,
        takeOut: takeOutJson,
        edit: (text, context) =>
          mergeJson(text, {
            env: {
              ANTHROPIC_BASE_URL: context.origin,
              ANTHROPIC_AUTH_TOKEN: context.key,
              ...claudeCodeModels(context),
            },
          }),
      },
    ],
    notes: () => [
      'To serve every name Claude Code asks for by another model, add to byok.config.yaml:',
      '  models: { "claude-*": codex/gpt-6-sol }',
    ],
  },
  {
    name: 'codex',
    title: 'Codex CLI',
    // openai/codex codex-rs/model-provider-info/src/lib.rs, `ModelProviderInfo`; WebSockets are off unless a provider says so.
    files: [
      {
        path: '.codex/config.toml',
        folder: codexFolder,
        takeOut: takeOutToml,
        edit: (text, { origin, key, model, info }) =>
          mergeToml(
            text,
            { model, model_provider: 'byok', ...(info && forCodex(model, info)) },
            'model_providers.byok',
            {
              name: 'byok',
              base_url: `${origin}/v1`,
              wire_api: 'responses',
              experimental_bearer_token: key,
            },
          ),
      },
    ],
    notes: ({ origin }) => [
      'Codex asks byok by HTTP so. To have it take byok for OpenAI, and use its WebSocket, set in ~/.codex/config.toml instead:',
      `  openai_base_url = "${origin}/v1"`,
    ],
  },
  {
    name: 'gemini-cli',
    title: 'Gemini CLI',
    // google-gemini/gemini-cli docs/reference/configuration.md: GOOGLE_GEMINI_BASE_URL, `security.auth.selectedType`, `~/.gemini/.env`.
    files: [
      {
        path: '.gemini/.env',
        folder: geminiFolder,
        takeOut: takeOutEnv,
        edit: (text, { origin, key, model }) =>
          mergeEnv(text, { GOOGLE_GEMINI_BASE_URL: origin, GEMINI_API_KEY: key, GEMINI_MODEL: model }),
      },
      {
        path: '.gemini/settings.json',
        folder: geminiFolder,
        takeOut: takeOutJson,
        edit: (text, { model, info, byGoogle }) =>
          mergeJson(text, {
            security: { auth: { selectedType: 'gemini-api-key' } },
            ...(!byGoogle && forGeminiCli(model, info)),
          }),
      },
    ],
    // packages/cli/src/config/settings.ts, `findEnvFile`; seen with 0.61.
    notes: () => [
      'Gemini CLI reads no .env in a folder you have not trusted: say yes when it asks, or give it --skip-trust.',
    ],
  },
  {
    name: 'qwen-code',
    title: 'Qwen Code',
    // QwenLM/qwen-code docs/users/configuration/auth.md, "One-file setup via `settings.json`", and model-providers.md.
    files: [
      {
        path: '.qwen/settings.json',
        folder: qwenFolder,
        takeOut: takeOutJson,
        edit: (text, context) =>
          mergeJson(text, {
            modelProviders: { openai: withQwenModel(jsonOf(text), context) },
            env: { [QWEN_KEY]: context.key },
            security: { auth: { selectedType: 'openai' } },
            model: { name: context.model },
          }),
      },
    ],
    notes: () => [],
  },
  {
    name: 'amp',
    title: 'Amp',
    // AprilNEA/BYOKEY crates/config/src/schema/amp.rs: the file and `amp.url`. The clients: test/clis/amp.test.ts.
    files: [
      {
        path: '.config/amp/settings.json',
        folder: xdgFolder('amp'),
        takeOut: takeOutJson,
        edit: (text, { origin }) => mergeJson(text, { 'amp.url': `${origin}/amp` }),
      },
    ],
    notes: () => [
      "Amp's own key goes on through byok; or set amp.api_key in byok's config.",
      'Your providers answer clients that ask models themselves, up to @sourcegraph/amp@0.0.1769314944-g5070a1 at least. Later ones leave that to Amp, and byok passes them through.',
    ],
  },
  {
    name: 'opencode',
    title: 'opencode',
    files: [
      {
        path: '.config/opencode/opencode.json',
        folder: xdgFolder('opencode'),
        takeOut: takeOutJson,
        edit: (text, context) =>
          mergeJson(text, { $schema: 'https://opencode.ai/config.json', ...opencodeSettings(context) }),
      },
    ],
    notes: () => [],
  },
  {
    name: 'kilo',
    title: 'Kilo Code CLI',
    // It is made of opencode, and has its settings (seen with @kilocode/cli 7.7.9).
    files: [
      {
        path: '.config/kilo/kilo.json',
        folder: xdgFolder('kilo'),
        takeOut: takeOutJson,
        edit: (text, context) => mergeJson(text, opencodeSettings(context)),
      },
    ],
    notes: () => [],
  },
  {
    name: 'copilot-cli',
    title: 'GitHub Copilot CLI',
    // `copilot help providers`.
    files: [],
    notes: ({ origin, key, model, info: { contextWindow: context, maxOutputTokens: output } = {} }) => [
      'Start Copilot CLI with these in its environment; it needs no login then:',
      `  COPILOT_PROVIDER_BASE_URL=${origin}/v1`,
      `  COPILOT_PROVIDER_API_KEY=${key}`,
      `  COPILOT_MODEL=${model}`,
      ...(context !== undefined && output !== undefined && context > output
        ? [`  COPILOT_PROVIDER_MAX_PROMPT_TOKENS=${context - output}`, `  COPILOT_PROVIDER_MAX_OUTPUT_TOKENS=${output}`]
        : []),
    ],
  },
  {
    name: 'droid',
    title: 'Factory droid',
    files: [
      {
        path: '.factory/settings.json',
        takeOut: takeOutJson,
        edit: (text, context) => mergeJson(text, { customModels: withDroidModel(jsonOf(text), context) }),
      },
    ],
    notes: ({ model }) => [`Choose the model by /model, or by \`droid exec -m 'custom:${model}'\`.`],
  },
  {
    name: 'pi',
    title: 'pi',
    // earendil-works/pi packages/coding-agent/docs/models.md, "Configure a compatible endpoint", and settings.md. In a key `$` and a leading
    // `!` are signs of their own.
    files: [
      {
        path: '.pi/agent/models.json',
        folder: piFolder,
        takeOut: takeOutJson,
        edit: (text, { origin, key, model, info }) =>
          mergeJson(text, {
            providers: {
              byok: {
                baseUrl: `${origin}/v1`,
                api: 'openai-completions',
                apiKey: key.replaceAll('$', '$$$$').replace(/^!/, '$$!'),
                models: [{ id: model, ...(info && forPi(info)) }],
              },
            },
          }),
      },
      {
        path: '.pi/agent/settings.json',
        folder: piFolder,
        takeOut: takeOutJson,
        edit: (text, { model }) => mergeJson(text, { defaultProvider: 'byok', defaultModel: model }),
      },
    ],
    notes: () => [],
  },
  {
    name: 'aider',
    title: 'Aider',
    // aider.chat/docs/config/aider_conf.html and /docs/llms/openai-compat.html.
    files: [
      {
        path: '.aider.conf.yml',
        edit: (text, { origin, key, model }) =>
          mergeYaml(text, { model: `openai/${model}`, 'openai-api-base': `${origin}/v1`, 'openai-api-key': key }),
      },
    ],
    notes: () => [],
  },
]

/** opencode.ai/docs/providers, "Custom provider". */
function opencodeSettings({ origin, key, model, info }: SetupContext): JsonObject {
  return {
    provider: {
      byok: {
        npm: '@ai-sdk/openai-compatible',
        name: 'byok',
        options: { baseURL: `${origin}/v1`, apiKey: key },
        models: { [model]: { name: model, ...(info && forOpencode(info)) } },
      },
    },
    model: `byok/${model}`,
  }
}
