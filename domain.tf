# A name of your own in front of the API. The API's own endpoint stays, for the function's posts, unless it is turned off.

locals {
  has_domain        = var.domain_name != null
  makes_certificate = local.has_domain && var.certificate_arn == null
  makes_records     = local.has_domain && var.route53_zone_id != null

  # IPv6 has a record of its own.
  record_types = var.ip_address_type == "dualstack" ? ["A", "AAAA"] : ["A"]

  certificate_arn = local.makes_certificate ? one(aws_acm_certificate_validation.signaling[*].certificate_arn) : var.certificate_arn
}

################################################################################
# Certificate
################################################################################

resource "aws_acm_certificate" "signaling" {
  count = local.makes_certificate ? 1 : 0

  domain_name       = var.domain_name
  validation_method = "DNS"
  tags              = local.tags

  # The domain shows the old one until it has the new one.
  lifecycle {
    create_before_destroy = true
  }
}

# The same domain always gets the same record: another deployment or an earlier try may have left it.
resource "aws_route53_record" "validation" {
  count = local.makes_certificate ? 1 : 0

  zone_id         = var.route53_zone_id
  name            = one(aws_acm_certificate.signaling[0].domain_validation_options).resource_record_name
  type            = one(aws_acm_certificate.signaling[0].domain_validation_options).resource_record_type
  records         = [one(aws_acm_certificate.signaling[0].domain_validation_options).resource_record_value]
  ttl             = 300
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "signaling" {
  count = local.makes_certificate ? 1 : 0

  certificate_arn         = aws_acm_certificate.signaling[0].arn
  validation_record_fqdns = [aws_route53_record.validation[0].fqdn]
}

################################################################################
# Domain
################################################################################

resource "aws_apigatewayv2_domain_name" "signaling" {
  count = local.has_domain ? 1 : 0

  domain_name = var.domain_name
  tags        = local.tags

  domain_name_configuration {
    certificate_arn = local.certificate_arn
    endpoint_type   = "REGIONAL" # WebSocket APIs have no other
    security_policy = "TLS_1_2"  # nor another policy
    ip_address_type = var.ip_address_type
  }
}

# At the root: the URL has no stage.
resource "aws_apigatewayv2_api_mapping" "signaling" {
  count = local.has_domain ? 1 : 0

  api_id      = aws_apigatewayv2_api.signaling.id
  domain_name = aws_apigatewayv2_domain_name.signaling[0].domain_name
  stage       = aws_apigatewayv2_stage.signaling.id
}

resource "aws_route53_record" "domain" {
  for_each = toset(local.makes_records ? local.record_types : [])

  zone_id = var.route53_zone_id
  name    = var.domain_name
  type    = each.key

  alias {
    name                   = aws_apigatewayv2_domain_name.signaling[0].domain_name_configuration[0].target_domain_name
    zone_id                = aws_apigatewayv2_domain_name.signaling[0].domain_name_configuration[0].hosted_zone_id
    evaluate_target_health = false # API Gateway has no health to ask for
  }
}
