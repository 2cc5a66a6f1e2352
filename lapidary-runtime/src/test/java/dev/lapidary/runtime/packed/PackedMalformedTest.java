package dev.lapidary.runtime.packed;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One header for every rule of the packed format that it can break; each stands before an end at byte 8192. */
final class PackedMalformedTest {
    /** A vector of 1024 values from byte 4096 to 8192. */
    private static final String VECTOR = "{'name':'a','kind':'vector','type':'f32','shape':[1024],'layout':'values',"
            + "'data':{'offset':4096,'length':4096,'crc32c':0}}";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[]|object",
                "{'tensors':[V]}|config must be a string; got nothing",
                "{'config':1,'tensors':[V]}|config must be a string",
                "{'config':'','tensors':{}}|tensors must be an array",
                "{'config':'','tensors':[1]}|tensors must hold objects",
                "{'config':'','tensors':[]}|must end where the header starts, at 8192; got 4096",
                "{'config':'','tensors':[V,V]}|distinct names; got two 'a'",
                "{'config':'','tensors':[V'name':'a'->'name':'']}|got two ''",
                "{'config':'','tensors':[V'kind':'vector'->'kind':'matrix']}|one of [vector, dense, sparse]; got matrix",
                "{'config':'','tensors':[V'type':'f32'->'type':'f16']}|type must be one of [f32, bf16, int8]; got f16",
                "{'config':'','tensors':[V'type':'f32'->'type':'bf16']}|a vector must be f32; got bf16",
                "{'config':'','tensors':[V'values'->'rows']}|layout must be values; got rows",
                "{'config':'','tensors':[V[1024]->[32,32]]}|shape must have 1 numbers; got 2",
                "{'config':'','tensors':[V[1024]->[0]]}|from 1 to 2147483647; got 0",
                "{'config':'','tensors':[V[1024]->[2147483648]]}|from 1 to 2147483647; got 2147483648",
                "{'config':'','tensors':[V[1024]->['a']]}|whole numbers",
                "{'config':'','tensors':[V[1024]->[1023]]}|'a' at offset 4096: data must have the 4092 bytes of its shape; got 4096",
                "{'config':'','tensors':[V'offset':4096->'offset':8192]}|at offset 8192 must begin on the page after",
                "{'config':'','tensors':[V'offset':4096->'offset':0]}|at offset 0 must begin on the page after",
                "{'config':'','tensors':[V'offset':4096->'offset':-4096]}|at offset -4096 must begin",
                "{'config':'','tensors':[V[1024]->[1025]]}|must have the 4100 bytes",
                "{'config':'','tensors':[V[1024],'layout':'values','data':{'offset':4096,'length':4096->[2048],'layout':'values','data':{'offset':4096,'length':8192]}"
                        + "|'a' at offset 4096 must end before the header at 8192; got a length of 8192",
                "{'config':'','tensors':[V,V'name':'a'->'name':'b']}|'b' at offset 4096 must begin on the page after what is before it, at 8192",
                "{'config':'','tensors':[V'crc32c':0->'crc32c':-1]}|crc32c of 32 bits; got -1",
                "{'config':'','tensors':[V'crc32c':0->'crc32c':4294967296]}|crc32c of 32 bits",
                "{'config':'','tensors':[V'vector'->'dense']}|layout must be rows; got values",
                "{'config':'','tensors':[Vvector','type':'f32','shape':[1024],'layout':'values->dense','type':'int8','shape':[64,64],'layout':'rows]}"
                        + "|scaling must be row for int8",
                "{'config':'','tensors':[V'values',->'values','scaling':'row',]}|scaling must be row for int8",
                "{'config':'','tensors':[V'values',->'values','scaling':'column',]}|one of [none, row, block]; got column",
                "{'config':'','tensors':[Vvector','type':'f32','shape':[1024],'layout':'values->sparse','type':'f32','shape':[2,6],'layout':'lanes-16x4]}"
                        + "|columns of 2:4 must be a multiple of 4; got 6",
                "{'config':'','tensors':[Vvector','type':'f32','shape':[1024],'layout':'values->sparse','type':'f32','shape':[2147483647,2147483644],'layout':'lanes-16x4]}"
                        + "|at most 1099511627776 weights",
                "{'config':'','tensors':[Vvector','type':'f32','shape':[1024],'layout':'values->sparse','type':'f32','shape':[2,8],'layout':'lanes-16x4]}"
                        + "|must have the 1088 bytes of its shape",
                "{'config':'','tensors':[Vvector','type':'f32','shape':[1024],'layout':'values',->dense','type':'int8','shape':[64,64],'scaling':'row','layout':'rows',]}"
                        + "|scales must be an object; got nothing",
                "{'config':'','tokenizer':{'data':{'offset':4096,'length':1,'crc32c':0}},'tensors':[V]}|must begin on the page after",
                "{'config':'','tokenizer':{'data':{'offset':4096,'length':4096,'crc32c':0},'bos':-1},'tensors':[]}"
                        + "|bos must be a token's id; got -1",
                "{'config':'','tokenizer':{'data':{'offset':4096,'length':4096,'crc32c':0},'ends':[4294967296]},'tensors':[]}"
                        + "|ends must be a token's id; got 4294967296",
            })
    void isRefusedWithTheReason(String template, String reason) {
        byte[] json = header(template).replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> PackedHeader.parse("file", json, 8192))
                .as(template)
                .isInstanceOf(InputException.class)
                .hasMessageContaining(reason);
    }

    /** Puts the vector where V stands; what follows up to the closing bracket replaces a part of the last one. */
    private static String header(String template) {
        int arrow = template.indexOf("->");
        if (arrow < 0) {
            return template.replace("V", VECTOR);
        }
        int from = template.lastIndexOf('V', arrow) + 1;
        String old = template.substring(from, arrow);
        String other = template.substring(arrow + 2, template.length() - 2);
        return template.substring(0, from - 1).replace("V", VECTOR) + VECTOR.replace(old, other) + "]}";
    }
}
