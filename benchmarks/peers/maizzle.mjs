// The article in Maizzle's own layout and components, its Markdown by theirs; so is the text.
import { letter, answer } from "./letter.mjs";
import { render } from "@maizzle/framework";

const template = `<script setup>
defineProps({ letter: Object })
</script>
<template>
  <Layout :lang="letter.lang" :dir="letter.dir" :aria-label="letter.subject">
    <Preheader>{{ letter.preheader }}</Preheader>
    <Container class="max-w-xl">
      <Text>{{ letter.newsletter }}</Text>
      <Heading level="1">{{ letter.title }}</Heading>
      <Markdown :content="letter.markdown" />
      <Button :href="letter.url">{{ letter.button }}</Button>
      <Hr />
      <Text>{{ letter.address }}. <Link :href="letter.unsubscribe">Unsubscribe</Link></Text>
    </Container>
  </Layout>
</template>
`;
const made = await render(template, { props: { letter }, plaintext: true, css: { inline: true, purge: true } });
answer({ html: made.html, text: made.plaintext ?? "" });
